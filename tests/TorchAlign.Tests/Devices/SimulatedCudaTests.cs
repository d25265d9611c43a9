using System.Runtime.InteropServices;
using TorchAlign.Simulated;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Devices;

/// <summary>
/// That the simulated CUDA devices are what they say: CUDA's rules on devices, the CPU's numbers, and everything that crosses to the
/// host counted.
/// </summary>
[Collection(SimulatedCuda.Name)]
public class SimulatedCudaTests
{
    private static readonly Device First = new(DeviceType.CUDA, 0), Second = new(DeviceType.CUDA, 1);

    [SimulatedCudaFact]
    public void Devices_are_there_and_have_their_tensors()
    {
        using var scope = NewDisposeScope();
        Assert.True(cuda.is_available());
        Assert.Equal(SimulatedDevices.Count, cuda.device_count());
        foreach (var device in (Device[])[First, Second])
        {
            Tensor[] made =
                [zeros(2, 3, dtype: float64, device: device), arange(4, dtype: float64, device: device), eye(3, device: device)];
            Assert.All(made, tensor => Assert.Equal(device.ToString(), tensor.device.ToString()));
            Assert.Equal(device.ToString(), (made[0] + 1).t().mm(made[0]).sum().device.ToString());
            Assert.Equal(device.ToString(), tensor(new[] { 1.0 }, dtype: float64, device: CPU).to(device).device.ToString());
        }
        Assert.Contains("invalid device ordinal", Assert.Throws<ExternalException>(() => ones(1, device: "cuda:7")).Message);
    }

    [SimulatedCudaFact]
    public void Tensors_of_two_devices_do_not_meet()
    {
        using var scope = NewDisposeScope();
        var (here, there, host) = (ones(3, 3, device: First), ones(3, 3, device: Second), ones(3, 3, device: CPU));
        var (scalar, yes) = (tensor(2f, device: CPU), here.gt(0));
        foreach (var other in (Tensor[])[there, host])
            foreach (var meet in (Action[])
                [() => here.add(other), () => here.add_(other), () => other.mul(here), () => other.addcmul_(here, here, 1),
                 () => here.mm(other), () => other.mv(here.select(0, 0)), () => here.unsqueeze(0).bmm(other.unsqueeze(0)),
                 () => cat([here, other]), () => where(yes, here, other), () => other.masked_fill_(yes, 0),
                 () => here.index_select(0, other.select(0, 0).to(int64))])
                Assert.Contains("to be on the same device", Assert.Throws<ExternalException>(meet).Message);
        // A number that lies on the CPU may take part, but not be written to nor stand where CUDA wants a tensor of its own.
        Assert.Equal("cuda:0", here.mul(scalar).device.ToString());
        Assert.Throws<ExternalException>(() => scalar.add_(here.sum()));
        Assert.Throws<ExternalException>(() => stack([here.sum(), scalar]));
        Assert.Throws<ExternalException>(() => where(yes, here, scalar));
        // Only copies cross, from any device to any other.
        there.copy_(here * 2);
        host.copy_(there);
        Assert.Equal(18f, host.sum().item<float>());
    }

    [SimulatedCudaFact]
    public void The_host_does_not_see_their_memory()
    {
        using var scope = NewDisposeScope();
        var numbers = ones(3, dtype: float64, device: First);
        Assert.Contains("on cuda:0", Assert.Throws<InvalidOperationException>(() => numbers.data<double>()).Message);
        Assert.Throws<InvalidOperationException>(() => numbers.bytes.Length);
        Assert.Equal([1, 1, 1], numbers.cpu().data<double>().ToArray());
    }

    [SimulatedCudaFact]
    public void What_crosses_and_what_is_computed_is_counted()
    {
        using var scope = NewDisposeScope();
        var x = ones(4, 4, dtype: float64, device: First);
        var y = ones(4, 4, dtype: float64, device: Second);
        Counts(() => x + x, launches: 1);
        Counts(() => x.mm(x), launches: 1);
        Counts(() => x.view(2, 8).t().narrow(0, 1, 3).unsqueeze(1));
        Counts(() => empty(9, device: First));
        Counts(() => x.copy_(y), launches: 1);
        Counts(() => x.cpu(), reads: 1);
        Counts(() => x.sum().item<double>(), launches: 1, reads: 1);
        Counts(() => x.masked_fill_(x.gt(0), 2), launches: 2);
        Counts(() => x.masked_select(x.gt(0)), launches: 2, reads: 1);
        Counts(() => x.copy_(ones(4, 4, device: CPU)), writes: 1);
        Counts(() => linalg.svdvals(x), launches: 1, reads: 1);
        Counts(() => { cuda.synchronize(First); return null; }, waits: 1);
    }

    [SimulatedCudaFact]
    public void The_numbers_are_those_of_the_CPU()
    {
        var random = new Random(3);
        foreach (var (name, compute) in Computations)
            for (var trial = 0; trial < 10; trial++)
            {
                using var scope = NewDisposeScope();
                double[] numbers = [.. Enumerable.Range(0, 36).Select(_ => 2 * random.NextDouble() - 1)];
                var expected = On(CPU, numbers, compute);
                var actual = On(First, numbers, compute);
                Assert.True(expected.SequenceEqual(actual), $"{name}: {string.Join(", ", expected)}; {string.Join(", ", actual)}");
            }
    }

    [SimulatedCudaFact]
    public void Random_numbers_come_from_the_device_s_own_stream()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var first = (randn(3, device: First).cpu(), randn(3, device: CPU));
        manual_seed(5);
        var second = (randn(3, device: First).cpu(), randn(3, device: CPU));
        Assert.Equal(first.Item1.data<float>().ToArray(), second.Item1.data<float>().ToArray());
        Assert.Equal(first.Item2.data<float>().ToArray(), second.Item2.data<float>().ToArray());
        using var generator = new Generator(5);
        Assert.Contains("generator", Assert.Throws<ExternalException>(() => randn(3, device: First, generator: generator)).Message);
    }

    [SimulatedCudaFact]
    public void Memory_is_limited_and_given_back()
    {
        var (before, elsewhere, capacity) = (SimulatedDevices.Held(0), SimulatedDevices.Held(1), SimulatedDevices.Capacity);
        SimulatedDevices.Capacity = before + 10_000;
        try
        {
            var peak = SimulatedDevices.Peak(0, () =>
            {
                using var scope = NewDisposeScope();
                var kept = zeros(1000, dtype: float64, device: First);
                Assert.Equal(before + 8000, SimulatedDevices.Held(0));
                var full = Assert.Throws<ExternalException>(() => kept + 1).Message;
                Assert.StartsWith("CUDA out of memory. Tried to allocate 7.81 KiB (GPU 0; ", full);
            });
            Assert.Equal(before + 8000, peak);
            Assert.Equal((before, elsewhere), (SimulatedDevices.Held(0), SimulatedDevices.Held(1)));
        }
        finally
        {
            SimulatedDevices.Capacity = capacity;
        }
    }

    private static readonly (string Name, Func<Tensor, Tensor> Compute)[] Computations =
    [
        ("elementwise", x => (x.exp() * 2 - x.abs().sqrt()) / (1 + x * x)),
        ("rows", x => x.logsumexp(1) + x.amax(1) - x.norm(1)),
        ("products", x => x.mm(x.t()).mv(x.select(0, 0))),
        ("views", x => x.view(4, 9).t().narrow(0, 2, 5).reshape(-1).cumsum(0)),
        ("selection", x => where(x.gt(0), x, x.neg()).masked_fill(x.lt(-0.5), 7)),
        ("mask", x => x.masked_select(x.gt(0))),
        ("sorted", x => x.reshape(-1).sort().Values),
        ("indices", x => x.index_select(0, x.select(0, 0).argsort())),
        ("spectrum", x => linalg.eigvalsh(x + x.t())),
        ("in place", x => x.clone().addcmul_(x, x, 0.5).clamp_min_(0.1).mul_(x)),
        ("float32", x => x.to(float32).mm(x.to(float32)).to(float64)),
        ("backward", x =>
        {
            var (w, kernel) = (x.clone().requires_grad_(), x.narrow(0, 0, 3).narrow(1, 0, 3).clone().requires_grad_());
            var image = w.view(1, 1, 6, 6);
            var seen = nn.functional.relu(nn.functional.conv2d(image, kernel.view(1, 1, 3, 3), padding: [1, 1]));
            (seen.exp().sum() + w.mm(w.t()).logsumexp(1).mean()).backward();
            return cat([w.grad!.reshape(-1), kernel.grad!.reshape(-1)]);
        }),
    ];

    private static double[] On(Device device, double[] numbers, Func<Tensor, Tensor> compute)
    {
        var result = compute(tensor(numbers, 6, 6, dtype: float64, device: CPU).to(device));
        Assert.Equal(device.type, result.device_type);
        return result.detach().cpu().data<double>().ToArray();
    }

    private static void Counts(Func<object?> work, long launches = 0, long reads = 0, long writes = 0, long waits = 0)
    {
        var before = SimulatedDevices.Counters;
        work();
        var did = SimulatedDevices.Counters - before;
        Assert.Equal((launches, reads, writes, waits), (did.Launches, did.Reads, did.Writes, did.Waits));
    }
}
