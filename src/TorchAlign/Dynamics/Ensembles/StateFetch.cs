using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>
/// The states of some members of an ensemble, where they stand now: read back together when the first of them is asked for, from
/// whatever thread, and never again.
/// </summary>
internal sealed class StateFetch(IEnsembleStepper stepper)
{
    private readonly List<int> _slots = [];
    private readonly List<StateVector> _states = [];
    private readonly Lock _lock = new();
    private bool _done;

    /// <summary>Brings the member's state here, too.</summary>
    internal void Add(int slot, StateVector state)
    {
        _slots.Add(slot);
        _states.Add(state);
    }

    internal void Run()
    {
        lock (_lock)
        {
            if (_done) return;
            ReadOnlySpan<double> numbers = stepper.StatesOf(_slots);
            foreach (var state in _states)
            {
                state.CopyFrom(numbers[..state.Length]);
                numbers = numbers[state.Length..];
            }
            _done = true;
        }
    }
}
