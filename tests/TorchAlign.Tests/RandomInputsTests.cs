using FsCheck;
using FsCheck.Fluent;

namespace TorchAlign.Tests;

public class RandomInputsTests
{
    private static readonly Arbitrary<int> Numbers = Gen.Choose(0, 1 << 30).ToArbitrary();

    [Fact]
    public void A_property_sees_the_same_inputs_every_time()
    {
        Assert.Equal(Seen(), Seen());

        static List<int> Seen()
        {
            var seen = new List<int>();
            Prop.ForAll(Numbers, number => seen.Add(number)).Holds(20);
            Assert.Equal(20, seen.Distinct().Count());
            return seen;
        }
    }

    [Fact]
    public void Tests_of_other_names_see_others() => Assert.NotEqual(
        RandomInputs.SeedOf("one", asked: null).Value.Rnd.Seed, RandomInputs.SeedOf("another", asked: null).Value.Rnd.Seed);

    [Fact]
    public void A_failure_names_the_seed_that_replays_it()
    {
        var broken = 0;
        var failure = Assert.Throws<InvalidOperationException>(() => Prop.ForAll(Numbers, number =>
        {
            if (number % 7 != 0) return true;
            broken = broken == 0 ? number : broken;
            return false;
        }).Holds());
        var seed = failure.Message[(RandomInputs.Variable.Length + 1)..failure.Message.IndexOf(' ')];
        var replayed = 0;
        Prop.ForAll(Numbers, number =>
        {
            replayed = number;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1).WithReplay(RandomInputs.SeedOf("", seed)));
        Assert.Equal(broken, replayed);
    }
}
