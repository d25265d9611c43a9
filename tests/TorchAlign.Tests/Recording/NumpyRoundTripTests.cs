using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TorchAlign.Data;
using TorchAlign.Experiments.Python;
using TorchAlign.Recording;
using TorchAlign.Tests.Bench;
using TorchAlign.Tests.Data;

namespace TorchAlign.Tests.Recording;

/// <summary>numpy writes a start, the command follows it, numpy reads the run: not a bit may differ.</summary>
public sealed class NumpyRoundTripTests : IDisposable
{
    private readonly Commands.Program _program = new();

    public void Dispose() => _program.Dispose();

    [NumpyFact]
    public void NumpyToTorchAlignToNumpyLosesNoBit()
    {
        Numpy.Run($$"""
            import numpy as np, os
            os.chdir({{JsonSerializer.Serialize(_program.Folder)}})
            rng = np.random.default_rng(7)
            w1, w2 = rng.standard_normal((3, 2)) / 3, rng.standard_normal((1, 3)) / 3
            np.savez('start.npz', **{'0.weight': w1, '2.weight': w2})
            """);
        var result = _program.Run("train", "--start", "start.npz", "--steps", "5", "--out", "run");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal("same\n", Numpy.Run($$"""
            import csv, json, os, numpy as np
            os.chdir({{JsonSerializer.Serialize(_program.Folder)}})
            start, state, rows = (np.load(f) for f in ('start.npz', 'run/state.npz', 'run/trajectory.npz'))
            assert start['0.weight'].tobytes() == state['L2_W1_initial'].tobytes()
            assert start['2.weight'].tobytes() == state['L2_W2_initial'].tobytes()
            assert state['W1'].shape == (3, 2) and state['W1'].tobytes() == state['L2_W1_final'].tobytes()
            table = list(csv.DictReader(open('run/trajectory.csv')))
            for name in rows.files:
                column = name[3:] if name.startswith('L2_') else name
                assert rows[name].tolist() == [float(row[column]) for row in table], name
            assert {name[3:] for name in rows.files if name.startswith('L2_')} == set(table[0]) - {'network'}
            start = json.load(open('run/run.json'))['configuration']['networks'][0]['start']
            import hashlib
            assert start['sha256'] == hashlib.sha256(open('start.npz', 'rb').read()).hexdigest()
            print('same')
            """));
        var again = _program.Run("train", "--start", "run/state.npz", "--steps", "5", "--out", "again");
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(Layer("run", "L2_W1_final"), Layer("again", "L2_W1_initial"));
    }

    /// <summary>A state_dict as PyTorch users save it; .safetensors both ways, by its bytes in Python.</summary>
    [PythonTwinFact]
    public void WeightsOfPyTorchComeInAndGoOut()
    {
        SafetensorsWriter.Write(
            Path.Combine(_program.Folder, "ours.safetensors"), NpzArray.Float64("W1", [0.1, -2], 1, 2));
        var sums = Python("""
            import json, struct, sys, numpy as np, torch
            file = open('ours.safetensors', 'rb').read()
            length, = struct.unpack('<Q', file[:8])
            entry = json.loads(file[8:8 + length])['W1']
            begin, end = entry['data_offsets']
            w = np.frombuffer(file[8 + length:][begin:end], '<f8').reshape(entry['shape'])
            assert entry['dtype'] == 'F64' and w.tolist() == [[0.1, -2.0]], (entry, w)
            torch.manual_seed(7)
            net = torch.nn.Sequential(torch.nn.Linear(2, 3, bias=False), torch.nn.Linear(3, 1, bias=False))
            np.savez('theirs.npz', **{name: w.numpy() for name, w in net.state_dict().items()})
            data = {name: w.numpy().astype('<f4').tobytes() for name, w in net.state_dict().items()}
            header, at = {'__metadata__': {'format': 'pt'}}, 0
            for name, w in net.state_dict().items():
                header[name] = {'dtype': 'F32', 'shape': list(w.shape), 'data_offsets': [at, at + len(data[name])]}
                at += len(data[name])
            text = json.dumps(header).encode()
            open('theirs.safetensors', 'wb').write(struct.pack('<Q', len(text)) + text + b''.join(data.values()))
            print(repr(float(sum(w.double().sum() for w in net.parameters()))))
            """);
        foreach (var file in (string[])["theirs.npz", "theirs.safetensors"])
        {
            var content = StateFile.Read(Path.Combine(_program.Folder, file));
            Assert.Equal(["0.weight", "1.weight"], content.Tensors);
            Assert.Equal([2, 3, 1], content.Shape.Widths);
            Assert.Contains("float32", content.Note);
            Assert.Equal(double.Parse(sums, CultureInfo.InvariantCulture), content.State.Sum(), 1e-15);
        }
    }

    private string Python(string script)
    {
        var start = new ProcessStartInfo(PythonTwin.Find().Path!, ["-c", script])
        {
            WorkingDirectory = _program.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output;
    }

    [Theory]
    [InlineData("--start none.npz", "no such file")]
    [InlineData("--start w.npz --depth 3", "3 were asked for")]
    [InlineData("--start w.npz --hidden 4", "'W1': 2 rows")]
    [InlineData("--start w.npz --scale 1", "--scale")]
    [InlineData("--start w.npz --data iris --positive setosa", "data have dimension 4")]
    [InlineData("--start two.npz", "2 outputs")]
    public void AStartThatDoesNotFitIsOneClearLine(string line, string says)
    {
        NpzWriter.Write(Path.Combine(_program.Folder, "w.npz"),
            NpzArray.Float64("W1", [1, 2, 3, 4], 2, 2), NpzArray.Float64("W2", [1, 2], 1, 2));
        NpzWriter.Write(Path.Combine(_program.Folder, "two.npz"),
            NpzArray.Float64("W1", [1, 2, 3, 4], 2, 2));
        var result = _program.Run(["train", .. line.Split(' ')]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(says, result.Error);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    private double[] Layer(string run, string name) =>
        NpzReader.Read(Path.Combine(_program.Folder, run, "state.npz"))[name].ToDoubles();
}
