using TorchAlign.Checkpoints;
using TorchAlign.Devices;
using TorchAlign.Fields;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>
/// <see cref="DormandPrince54"/> for S networks at once: stages, error estimate and control are the same, with a step size, an end and
/// a step taken back of its own for each member. Steps queue up on the device; the host sees where members stand when it asks.
/// </summary>
internal sealed class EnsembleDormandPrince : IEnsembleStepper
{
    internal const int EvaluationsAtStart = 2, EvaluationsAStep = 6;

    /// <summary>W, a stage's state, seven stages, and what is combined, squared and chosen from on the way.</summary>
    private const int StateCopies = 14;

    private static readonly int Stages = DormandPrince54.Tableau.Nodes.Length;

    private readonly EnsembleField _field;
    private readonly EnsembleFlowSettings _flow;
    private readonly ErrorControl _control;
    private readonly TorchLogTime _logTime;
    private readonly MemoryEstimate _memory;

    // W (S, P), a stage's state (S, P), stages dW/ds (S, 7, P); what they are combined with, (1, 1, j) for each stage and (1, 1, 7) for
    // the error.
    private readonly Tensor _w, _trial, _k, _errorWeights;
    private readonly Tensor[] _combinations;

    // Of each member (S), float64: the point of the last accepted step, what has become of the steps from there, what holds it back.
    private readonly Tensor _point, _h, _rejected, _wasRejected, _finite, _end, _stepLimit, _dueClock, _clockLimit, _logRiskBound;

    // Rows of _point.
    private enum Row { Steps, Clock, LogTime, LogRisk, Norm, LargestMargin, LogTimeRate, Error }

    /// <param name="field">Of S members.</param>
    /// <param name="w">States (S, P), moved in place.</param>
    /// <param name="flow">Clock and tolerance.</param>
    /// <param name="from">Where the members stand: steps, clock, log t and, where it is given, their step size control.</param>
    /// <exception cref="DeviceMemoryException">The device's memory does not hold it.</exception>
    internal EnsembleDormandPrince(EnsembleField field, Tensor w, EnsembleFlowSettings flow, IReadOnlyList<EnsembleMember> from)
    {
        // What is made here, and the states, go with the scope unless all of it is made.
        using var scope = NewDisposeScope();
        scope.Attach(w.DetachFromDisposeScope());
        (_field, _flow, _w, _memory) = (field, flow, w, field.Memory with { StateCopies = StateCopies });
        _control = new ErrorControl(flow.Tolerance);
        _logTime = new TorchLogTime(field.Device);
        scope.Attach(_logTime);
        _combinations = [.. DormandPrince54.Tableau.Stages.Select(Combination)];
        _errorWeights = Combination(DormandPrince54.Tableau.ErrorWeights);
        (_rejected, _end) = (Numbers(member => member.Rejected), Numbers(_ => (double)MemberEnd.None));
        (_wasRejected, _finite) = (Numbers(member => member.Control?.Rejected == true ? 1 : 0), Numbers(_ => 1));
        (_stepLimit, _dueClock) = (Numbers(member => member.Steps), Numbers(_ => double.PositiveInfinity));
        (_clockLimit, _logRiskBound) = (Numbers(_ => double.PositiveInfinity), Numbers(_ => double.NaN));
        (_trial, _k, _point, _h) = _memory.Guard(field.Device, () =>
        {
            var k = zeros([field.Members, Stages, field.Shape.Length], dtype: field.DType, device: field.Device);
            var (logRisk, norm, rate) = Evaluate(_w, k.select(1, 0));
            var point = stack(
                [Numbers(member => member.Steps), Numbers(member => member.Clock), Numbers(member => member.LogTime), logRisk, norm,
                    LargestMargins(), rate, Numbers(member => member.Control?.PreviousError ?? DormandPrince54.FirstError)]);
            var h = from.All(member => member.Control is not null)
                ? Numbers(member => member.Control!.Value.StepSize)
                : FirstSteps(k);
            return (empty_like(_w), k, point, h);
        });
        scope.Detach(Held);
        scope.Detach(_logTime);

        Tensor Numbers(Func<EnsembleMember, double> own) => tensor([.. from.Select(own)], dtype: float64, device: field.Device);

        Tensor Combination(double[] coefficients) =>
            tensor(coefficients, [1, 1, coefficients.Length], dtype: field.DType, device: field.Device);
    }

    /// <inheritdoc/>
    public IReadOnlyList<EnsembleMember> Members
    {
        get
        {
            using var scope = NewDisposeScope();
            var rows = cat([_point, stack([_rejected, _end, _h, _wasRejected])]);
            return [.. rows.t().contiguous().cpu().data<double>().ToArray().Chunk((int)rows.shape[0]).Select(Member)];
        }
    }

    public IReadOnlyList<EnsembleMember> Try(long attempts, double[] steps, double[] clocks, CancellationToken cancellation = default) =>
        _memory.Guard(_field.Device, () =>
        {
            TorchLayers.Fill(_stepLimit, steps);
            TorchLayers.Fill(_dueClock, clocks);
            for (var i = 0L; i < attempts && !cancellation.IsCancellationRequested; i++) Attempt();
            return Members;
        });

    public void Hold(double[] clockLimits, double[] logRiskBounds)
    {
        TorchLayers.Fill(_clockLimit, clockLimits);
        // A member without a bound gets NaN, which no risk is at or below; minus infinity would hold it at a risk of 0.
        TorchLayers.Fill(_logRiskBound, [.. logRiskBounds.Select(bound => double.IsFinite(bound) ? bound : double.NaN)]);
    }

    public double[] StatesOf(IReadOnlyList<int> members) => TorchLayers.ReadRows(_w, members);

    /// <summary>As <see cref="DormandPrince54.Save"/>.</summary>
    public void Save(EnsembleMember stand, Snapshot memory)
    {
        memory.Write("step_size", stand.Control!.Value.StepSize);
        memory.Write("previous_error", stand.Control.Value.PreviousError);
    }

    public EnsembleMember Restore(int member, EnsembleMember stand, Snapshot memory)
    {
        using var scope = NewDisposeScope();
        var (h, error) = (memory.ReadDouble("step_size"), memory.ReadDouble("previous_error"));
        _h.narrow(0, member, 1).fill_(h);
        _point.select(0, (long)Row.Error).narrow(0, member, 1).fill_(error);
        return stand with { Control = new FlowControl(h, error, false) };
    }

    public void Dispose()
    {
        foreach (var tensor in Held) tensor.Dispose();
        _logTime.Dispose();
    }

    private Tensor[] Held =>
    [
        _w, _trial, _k, _errorWeights, .. _combinations, _point, _h, _rejected, _wasRejected, _finite, _end, _stepLimit, _dueClock,
        _clockLimit, _logRiskBound,
    ];

    /// <summary>One step is tried by every member that moves, queued on the device.</summary>
    private void Attempt()
    {
        using var scope = NewDisposeScope();
        var (clock, logRisk) = (Of(Row.Clock), Of(Row.LogRisk));
        var moving = _end.eq((double)MemberEnd.None) & Of(Row.Steps).lt(_stepLimit) & clock.lt(_dueClock) & clock.lt(_clockLimit)
            & ~logRisk.le(_logRiskBound);

        var left = _clockLimit - clock;
        // A last step that would be tiny is shared with the one before it.
        var h = where(_h.ge(left), left, _h.minimum(where(_h.gt(left / 2), left / 2, left)));
        var next = where(h.eq(left), _clockLimit, clock + h);
        moving = End(moving, clock, next, logRisk);

        var size = h.masked_fill(~moving, 0);
        var (rates, finite, value) = Step(size);
        var error = Error(size).masked_fill(~finite, double.NaN);
        var taken = moving & error.le(1);
        var refused = moving & ~taken;

        TorchLayers.Take(_w, taken, _trial);
        TorchLayers.Take(_k.select(1, 0), taken, _k.select(1, Stages - 1));
        var point = stack([Of(Row.Steps) + 1, next, Of(Row.LogTime).logaddexp(_logTime.LogIncrement(rates, h)), value.LogRisk, value.Norm,
            LargestMargins(), value.Rate, error.clamp_min(DormandPrince54.FirstError)]);
        var resized = Resized(h, error, taken);
        _point.copy_(where(taken.unsqueeze(0), point, _point));
        TorchLayers.Take(_h, moving, resized);
        _rejected.add_(refused);
        TorchLayers.Take(_wasRejected, moving, refused.to(float64));
        TorchLayers.Take(_finite, moving, (taken | error.isfinite()).to(float64));
    }

    /// <summary>Ends members that cannot move, for the reasons of <see cref="DormandPrince54.Step"/>; the others are returned.</summary>
    private Tensor End(Tensor moving, Tensor clock, Tensor next, Tensor logRisk)
    {
        var exhausted = (Of(Row.LargestMargin) * ErrorControl.Epsilon).gt(ErrorControl.LargestRounding);
        var lost = ~logRisk.isfinite();
        // t itself overflows long before the risk: the time clock ends there.
        var overflown = ~next.isfinite();
        var vanished = next.eq(clock);
        _end.masked_fill_(moving & vanished, (double)MemberEnd.StepVanished);
        _end.masked_fill_(moving & vanished & _finite.eq(0), (double)MemberEnd.LeftFloat);
        _end.masked_fill_(moving & overflown, (double)MemberEnd.Float64Exhausted);
        _end.masked_fill_(moving & lost, (double)MemberEnd.LeftFloat);
        _end.masked_fill_(moving & exhausted, (double)MemberEnd.Float64Exhausted);
        return moving & _end.eq((double)MemberEnd.None);
    }

    /// <summary>
    /// Stages 2 to 7 of steps h (S), the last of them in _trial: log dt/ds at all (S, 7), whether all are finite, the field there.
    /// </summary>
    private (Tensor Rates, Tensor Finite, (Tensor LogRisk, Tensor Norm, Tensor Rate) Value) Step(Tensor h)
    {
        var value = (LogRisk: Of(Row.LogRisk), Norm: Of(Row.Norm), Rate: Of(Row.LogTimeRate));
        var finite = h.isfinite();
        var rates = new Tensor[Stages];
        rates[0] = value.Rate;
        for (var stage = 1; stage < Stages; stage++)
        {
            _trial.copy_(_w);
            AddCombined(_trial, _combinations[stage], stage, h);
            value = Evaluate(_trial, _k.select(1, stage));
            finite &= value.LogRisk.isfinite() & value.Norm.isfinite();
            rates[stage] = value.Rate;
        }
        return (stack(rates, 1), finite, value);
    }

    /// <summary>target (S, P) += h sum_j c_j k_j over the first stages.</summary>
    private void AddCombined(Tensor target, Tensor coefficients, int stages, Tensor h)
    {
        using var scope = NewDisposeScope();
        var sum = coefficients.expand(_field.Members, 1, stages).bmm(_k.narrow(1, 0, stages)).squeeze(1);
        target.addcmul_(sum, h.to(_field.DType).unsqueeze(1), 1);
    }

    /// <summary>The errors of steps h (S) in units of what is allowed; see <see cref="ErrorControl.Measure"/>.</summary>
    private Tensor Error(Tensor h)
    {
        using var scope = NewDisposeScope();
        var error = zeros_like(_w);
        AddCombined(error, _errorWeights, Stages, h);
        var measure = Norms(error) / (Norms(_w).maximum(Norms(_trial)) * _control.Relative);
        var allowed = LargestMargins() * (ErrorControl.MarginRounding * ErrorControl.Epsilon) + _control.Margin;
        return where(measure.le(1), measure.maximum(_field.MarginSpaceNorms(_trial, error).to(float64) / allowed), measure)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The step sizes after steps h (S) of these errors.</summary>
    private Tensor Resized(Tensor h, Tensor error, Tensor taken)
    {
        var factor = error.clamp_min(1e-10).pow(-DormandPrince54.Alpha) * Of(Row.Error).pow(DormandPrince54.Beta) * DormandPrince54.Safety;
        var largest = _wasRejected * (1 - DormandPrince54.LargestFactor) + DormandPrince54.LargestFactor;
        var grown = h * factor.clamp_min(DormandPrince54.SmallestFactor).minimum(largest);
        // A step cut short by the limit says nothing against the size planned before.
        grown = where(h.lt(_h), grown.maximum(_h), grown);
        var shrunk = h * (error.pow(-DormandPrince54.Alpha) * DormandPrince54.Safety).clamp_min(DormandPrince54.SmallestFactor)
            .masked_fill(~error.isfinite(), DormandPrince54.NonFiniteFactor);
        return where(taken, grown, shrunk);
    }

    /// <summary>As the starting step of <see cref="DormandPrince54"/>: one Euler step measures the second derivative.</summary>
    private Tensor FirstSteps(Tensor k)
    {
        var first = k.select(1, 0);
        var (norm, speed) = (Norms(_w), Norms(first));
        var h = (norm * 0.01 / speed).masked_fill(~norm.gt(0), DormandPrince54.SmallStep);
        var second = zeros_like(_w);
        Evaluate(_w + first * h.to(_field.DType).unsqueeze(1), second);
        var scale = where(norm.gt(0), norm, h * speed) * _control.Relative;
        var derivative = speed.maximum(Norms(second - first) / h) / scale;
        var guess = (derivative.reciprocal() * 0.01).pow(0.2);
        var usable = guess.isfinite() & guess.gt(0);
        return where(usable, guess.minimum(h * 100), h).masked_fill(~(speed.gt(0) & speed.isfinite()), DormandPrince54.SmallStep);
    }

    /// <summary>Writes dW/ds at w (S, P) to <paramref name="velocity"/>; log R, ||grad log R|| and log dt/ds (S), float64.</summary>
    private (Tensor LogRisk, Tensor Norm, Tensor Rate) Evaluate(Tensor w, Tensor velocity)
    {
        using var scope = NewDisposeScope();
        _field.Evaluate(w);
        // A copy: the field's own goes with its next evaluation.
        var (logRisk, norm) = (_field.LogRisk.to(float64, copy: true), _field.DirectionNorms().to(float64));
        var logSpeed = _flow.Clock.LogSpeed(logRisk, norm, Norms(w));
        velocity.fill_(0);
        _field.Layers.AddOuter(velocity, _field.Left * logSpeed.exp().to(_field.DType).unsqueeze(1), _field.Right);
        return (logRisk.MoveToOuterDisposeScope(), norm.alias().MoveToOuterDisposeScope(), (logSpeed - logRisk).MoveToOuterDisposeScope());
    }

    private Tensor Of(Row row) => _point.select(0, (long)row);

    private Tensor LargestMargins() => _field.Margins.abs().amax(1).to(float64);

    private static Tensor Norms(Tensor states)
    {
        using var scope = NewDisposeScope();
        return states.square().sum(1).sqrt_().to(float64).alias().MoveToOuterDisposeScope();
    }

    private EnsembleMember Member(double[] row)
    {
        var rows = Enum.GetValues<Row>().Length;
        var (rejected, end, h, wasRejected) = (row[rows], row[rows + 1], row[rows + 2], row[rows + 3]);
        return new EnsembleMember(
            (long)row[(int)Row.Steps], (long)rejected, row[(int)Row.LogRisk], row[(int)Row.Norm], row[(int)Row.Clock],
            _flow.Clock == Clock.Time ? Math.Log(row[(int)Row.Clock]) : row[(int)Row.LogTime], EnsembleMember.EndOf(end))
        {
            Control = new FlowControl(h, row[(int)Row.Error], wasRejected == 1),
        };
    }
}
