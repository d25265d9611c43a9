namespace TorchAlign.Experiments.Settings;

/// <summary>What the library says of numbers that a user gave.</summary>
internal static class Sizes
{
    /// <summary>Builds problems and networks; that they cannot be is the user's to hear, without the name of a parameter.</summary>
    /// <exception cref="CommandException">The numbers do not go together, or ask for arrays that cannot be.</exception>
    public static T Checked<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch (ArgumentException error)
        {
            throw new CommandException(error.Message.Split(" (Parameter")[0]);
        }
        catch (OverflowException)
        {
            throw new CommandException("Sizes like these make arrays that are longer than any can be. Take smaller ones.");
        }
    }
}
