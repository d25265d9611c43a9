using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.States;
using TorchAlign.Tests.Engine;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Devices;

/// <summary>The closed form on tensors against the fused one, which is held against automatic differentiation elsewhere.</summary>
public class TorchMarginFieldTests
{
    private static readonly int[][] Shapes = [[2, 1], [3, 1, 1], [2, 4, 4, 4, 1], [7, 5, 9, 1], [40, 33, 17, 1]];

    [Theory, OnCpu, OnCuda]
    public void It_agrees_with_the_fused_field(string device)
    {
        foreach (var loss in MarginLoss.All)
            foreach (var widths in Shapes)
                foreach (var scale in (double[])[0.3, 1, 30])
                {
                    var (fused, field, start) = Make(device, widths, loss, ScalarType.Float64, scale);
                    using (field)
                    {
                        var (expected, direction) = At(fused, start);
                        var (actual, ours) = At(field, start);
                        Assert.Equal(1, actual.LogRisk / expected.LogRisk, 12);
                        Assert.Equal(actual.LogRisk, actual.LogScale);
                        Close(direction.ToArray(), ours.ToArray(), 1e-12);
                        Close(fused.Margins, field.Margins, 1e-12);
                        Close(fused.Weights, field.Weights, 1e-12);
                        var error = field.NewState();
                        var errorThere = fused.NewState();
                        var numbers = EngineProblems.Gaussian(field.Shape, 77);
                        error.CopyFrom(numbers);
                        errorThere.CopyFrom(numbers);
                        var w = field.NewState();
                        w.CopyFrom(start);
                        var there = fused.NewState();
                        there.CopyFrom(start);
                        var (moved, movedThere) = (field.MarginSpaceNorm(w, error), fused.MarginSpaceNorm(there, errorThere));
                        Assert.Equal(movedThere, moved, 1e-9 * movedThere);
                    }
                }
    }

    [Theory, OnCpu, OnCuda]
    public void In_float32_it_agrees_to_float32(string device)
    {
        foreach (var loss in MarginLoss.All)
        {
            var (fused, field, start) = Make(device, [40, 33, 17, 1], loss, ScalarType.Float32, 1);
            using (field)
            {
                var (expected, direction) = At(fused, start);
                var (actual, ours) = At(field, start);
                Assert.Equal(expected.LogRisk, actual.LogRisk, 1e-5);
                Close(direction.ToArray(), ours.ToArray(), 1e-5);
                Assert.Equal(ScalarType.Float32, ((TorchState)ours).Values.dtype);
                Assert.Equal(device, ((TorchState)ours).Values.device.ToString());
            }
        }
    }

    [Theory, OnCpu, OnCuda]
    public void Every_stepper_runs_on_it(string device)
    {
        foreach (var stepper in (Func<IStepper>[])
            [() => new DormandPrince54(1e-9), () => new Euler(0.01), () => new GradientDescent(new ConstantStep(0.1))])
        {
            var (fused, field, start) = Make(device, [5, 4, 3, 1], MarginLoss.Exponential, ScalarType.Float64, 0.5);
            using (field)
            {
                var (ours, theirs) = (EngineProblems.Point(field, start), EngineProblems.Point(fused, start));
                EngineProblems.Run(stepper(), field, Clock.LogRisk, ours, 3);
                EngineProblems.Run(stepper(), fused, Clock.LogRisk, theirs, 3);
                Assert.Equal(theirs.Steps, ours.Steps);
                Close(theirs.W.ToArray(), ours.W.ToArray(), 1e-11);
            }
        }
    }

    [Fact]
    public void States_of_another_kind_are_refused()
    {
        var (fused, field, start) = Make("cpu", [3, 2, 1], MarginLoss.Logistic, ScalarType.Float64, 1);
        using (field)
        {
            var error = Assert.Throws<ArgumentException>(() => field.Evaluate(fused.NewState(), field.NewState()));
            Assert.Contains("NewState()", error.Message);
            using var single = new TorchState(field.Shape.Layout, CPU, ScalarType.Float32);
            Assert.Throws<ArgumentException>(() => field.Evaluate(single, field.NewState()));
        }
    }

    [Fact]
    public void Data_that_do_not_fit_are_refused()
    {
        var shape = new NetworkShape(3, 2, 1);
        Assert.Throws<ArgumentException>(() => new EnsembleField(shape, 1, ones(4, 2, dtype: float64), MarginLoss.Logistic));
        Assert.Throws<ArgumentException>(() => new EnsembleField(shape, 2, ones([3, 4, 3], dtype: float64), MarginLoss.Logistic));
        Assert.Throws<ArgumentException>(() => new EnsembleField(shape, 1, ones([4, 3], dtype: int64), MarginLoss.Logistic));
        var twoOutputs = new NetworkShape(3, 2);
        Assert.Throws<ArgumentException>(() => new EnsembleField(twoOutputs, 1, ones(4, 3, dtype: float64), MarginLoss.Logistic));
        var poisoned = ones(4, 3, dtype: float64);
        poisoned.select(0, 1).fill_(double.NaN);
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => new EnsembleField(shape, 1, poisoned, MarginLoss.Logistic)).Message);
    }

    /// <summary>However Z w and Z^T p are asked for, they are the same products.</summary>
    [Theory, OnCpu, OnCuda]
    public void All_forms_of_the_data_products_agree(string device)
    {
        var place = DeviceName.Resolve(device);
        using var scope = NewDisposeScope();
        var z = tensor(EngineProblems.Separable(3001, 7, 3), [3001, 7], dtype: float64, device: place);
        var w = tensor(EngineProblems.Separable(1, 7, 4), [7], dtype: float64, device: place);
        var p = tensor(EngineProblems.Separable(3001, 1, 5), [3001], dtype: float64, device: place);
        var (forward, backward) = (TorchData.Forward(z, w, 0), TorchData.Backward(z, p, 0));
        foreach (var form in TorchData.Forms)
        {
            Close(forward.cpu().data<double>().ToArray(), TorchData.Forward(z, w, form).cpu().data<double>().ToArray(), 1e-14);
            Close(backward.cpu().data<double>().ToArray(), TorchData.Backward(z, p, form).cpu().data<double>().ToArray(), 1e-14);
            var byColumns = TorchData.ByColumns(z);
            Close(forward.cpu().data<double>().ToArray(), TorchData.Forward(byColumns, w, form).cpu().data<double>().ToArray(), 1e-14);
            Close(backward.cpu().data<double>().ToArray(), TorchData.Backward(byColumns, p, form).cpu().data<double>().ToArray(), 1e-14);
        }
        Assert.Equal([1L, 3001L], TorchData.ByColumns(z).stride());
    }

    /// <summary>On CUDA large data tune themselves; here the same is done on any device, whatever it chooses.</summary>
    [Theory, OnCpu, OnCuda]
    public void Data_that_were_tuned_give_the_same_products(string device)
    {
        var place = DeviceName.Resolve(device);
        using var scope = NewDisposeScope();
        var z = tensor(EngineProblems.Separable(3001, 7, 3), [3001, 7], dtype: float64, device: place);
        var w = tensor(EngineProblems.Separable(1, 7, 4), [1, 7], dtype: float64, device: place);
        var p = tensor(EngineProblems.Separable(3001, 1, 5), [1, 3001], dtype: float64, device: place);
        using var plain = new TorchData(z.clone().DetachFromDisposeScope(), 1);
        using var tuned = new TorchData(z.clone().DetachFromDisposeScope(), 1);
        tuned.Tune();
        Assert.Matches("(rows|columns) together, Z w by .*, Z\\^T p by .*", tuned.Description);
        Close(plain.Times(w).cpu().data<double>().ToArray(), tuned.Times(w).cpu().data<double>().ToArray(), 1e-14);
        Close(plain.TransposedTimes(p).cpu().data<double>().ToArray(), tuned.TransposedTimes(p).cpu().data<double>().ToArray(), 1e-14);
    }

    internal static (FusedField Fused, TorchMarginField Field, double[] Start) Make(
        string device, int[] widths, MarginLoss loss, ScalarType dtype, double scale)
    {
        var shape = new NetworkShape(widths);
        var points = new SignedPoints(EngineProblems.Separable(60, widths[0], 3), 60, widths[0]);
        return (new FusedField(shape, points.Z, loss, 1), new TorchMarginField(shape, points, loss, DeviceName.Resolve(device), dtype),
            EngineProblems.Gaussian(shape, 4, scale));
    }

    /// <summary>||actual - expected|| within a share of ||expected||.</summary>
    internal static void Close(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double share)
    {
        Assert.Equal(expected.Length, actual.Length);
        var (difference, size) = (0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            difference += (expected[i] - actual[i]) * (expected[i] - actual[i]);
            size += expected[i] * expected[i];
        }
        Assert.True(Math.Sqrt(difference) <= share * Math.Sqrt(size), $"off by {Math.Sqrt(difference / size):G3}, allowed {share:G3}");
    }

    private static (FieldValue Value, StateVector Direction) At(IVectorField field, double[] start)
    {
        var (w, direction) = (field.NewState(), field.NewState());
        w.CopyFrom(start);
        return (field.Evaluate(w, direction), direction);
    }
}
