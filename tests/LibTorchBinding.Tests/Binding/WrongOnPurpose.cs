// Nothing of this is in TorchSharp; SurfaceTests checks that the check says so.
#pragma warning disable CA1050, IDE0130
namespace TorchSharp;

public interface IWrong;

public class WrongOnPurpose(int name) : List<int>
{
    public static readonly double eps = 1;

    public new long? Count => name;

    public static torch.Tensor exp(torch.Tensor? input = null) => input!.exp();

    protected virtual void Hidden(params long[] sizes)
    {
    }

    private protected void Unseen()
    {
    }
}
