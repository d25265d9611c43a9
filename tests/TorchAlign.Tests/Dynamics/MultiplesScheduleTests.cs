using TorchAlign.Dynamics;
using TorchAlign.Networks;
using TorchAlign.States;

namespace TorchAlign.Tests.Dynamics;

public class MultiplesScheduleTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void EveryMultipleIsDueAndLittleElse(int every)
    {
        var schedule = SampleSchedule.Multiples(every);
        var point = new TrajectoryPoint(new ManagedState(new BlockLayout(1)));
        for (var run = 0; run < 2; run++)
        {
            schedule.Start();
            var due = new List<long>();
            for (point.Steps = 0; point.Steps <= 5 * every; point.Steps++)
                if (schedule.IsDue(point)) due.Add(point.Steps);
            Assert.Equal([0, every, 2 * every, 3 * every, 4 * every, 5 * every], due.Where(step => step % every == 0));
            var early = due.Where(step => step % every != 0).ToArray();
            Assert.All(early, step => Assert.True(step < every));
            Assert.True(early.Length <= 25);
            if (every > 1) Assert.Contains(1, due);
        }
    }

    /// <summary>Steps in chunks come to the same samples as single steps.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void TheNextDueStepIsKnownBefore(int every)
    {
        var schedule = SampleSchedule.Multiples(every);
        var point = new TrajectoryPoint(new ManagedState(new BlockLayout(1)));
        schedule.Start();
        while (point.Steps <= 5 * every)
        {
            Assert.True(schedule.IsDue(point));
            var next = point.Steps + schedule.StepsUntilDue(point);
            while (++point.Steps < next)
            {
                Assert.Equal(next, point.Steps + schedule.StepsUntilDue(point));
                Assert.False(schedule.IsDue(point));
            }
        }
    }

    [Fact]
    public void ZeroIsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => SampleSchedule.Multiples(0));
}
