using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Experiments.Bench;
using TorchAlign.Experiments.Commands;
using TorchAlign.Experiments.Compare;
using TorchAlign.Experiments.Doctor;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Papers;
using TorchAlign.Experiments.Sweeps;
using TorchAlign.Experiments.Sweeps.Local;
using TorchAlign.Experiments.Sweeps.Slurm;
using TorchAlign.Experiments.Verify;
using TorchAlign.Recording;

namespace TorchAlign.Experiments;

/// <summary>The command line: parses, runs, and turns every expected failure into one clear line and an exit code.</summary>
public static class CommandLine
{
    public const int Success = 0;

    /// <summary>A claim failed, a run could not go on, or something went wrong that is not the user's input.</summary>
    public const int Failure = 1;

    /// <summary>Bad usage or bad input.</summary>
    public const int BadInput = 2;

    /// <summary>Ended by Ctrl-C, with everything up to there kept.</summary>
    public const int Interrupted = 130;

    /// <summary>The same by SIGTERM.</summary>
    public const int Terminated = 143;

    /// <param name="args">The words after the program's name.</param>
    /// <param name="cancellation">Ends the command in good order, as interrupted.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> Run(string[] args, CancellationToken cancellation = default)
    {
        try
        {
            var parsed = Root().Parse(args);
            if (parsed.Action is ParseErrorAction)
            {
                foreach (var error in parsed.Errors) Complain(error.Message);
                Console.Error.WriteLine("torchalign --help, or torchalign COMMAND --help, lists what there is.");
                return BadInput;
            }
            return await Invoke(parsed, cancellation);
        }
        catch (Exception error) when (IsBadInput(error))
        {
            Complain(error.Message);
            return BadInput;
        }
        catch (SnapshotException error)
        {
            Complain($"The checkpoint cannot be used: {error.Message}. Start the run afresh: --resume with --replace.");
            return BadInput;
        }
        catch (ExternalException error) when (MemoryShortage.Parse(error.Message) is { } shortage)
        {
            Complain($"{shortage} Take fewer points or narrower layers, or --field fused or torch, which do not keep the layers' outputs.");
            return BadInput;
        }
        catch (OutOfMemoryException)
        {
            Complain("This machine's memory ran out. Take fewer points or narrower layers.");
            return BadInput;
        }
        catch (Exception error) when (MissingTorch(error) is { } missing)
        {
            Complain(missing.Message);
            return Failure;
        }
        catch (OperationCanceledException)
        {
            Complain("Interrupted.");
            return Interrupted;
        }
        catch (Exception error) when (Environment.GetEnvironmentVariable("TORCHALIGN_DEBUG") is null or "")
        {
            Complain($"{TorchError.Text(error)}\nThis should not happen; TORCHALIGN_DEBUG=1 shows where it did ({error.GetType().Name}).");
            return Failure;
        }
    }

    /// <summary>Runs what was parsed in this process; its exceptions are the caller's.</summary>
    /// <param name="output">Takes what commands write to <see cref="InvocationConfiguration.Output"/>; null for standard output.</param>
    internal static Task<int> Invoke(ParseResult parsed, CancellationToken cancellation, TextWriter? output = null)
    {
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        if (output is not null) configuration.Output = output;
        return parsed.InvokeAsync(configuration, cancellation);
    }

    /// <summary>Not a RootCommand: that calls itself after the file of the program, users call it torchalign.</summary>
    internal static Command Root()
    {
        return new Command("torchalign", """
            TorchAlign, a laboratory for deep linear networks.

            The launcher also takes --torchsharp package|libtorch: where the TorchSharp API comes from.
            """)
        {
            new HelpOption(),
            new VersionOption(),
            new Figure1().Build(),
            PaperCommand.Build(),
            new TrainCommand().Build(),
            new SweepCommand().Build(),
            SweepWorker.Build(),
            SlurmElement.Build(),
            FoundCheck.Build(),
            new MarginCommand().Build(),
            new ReportCommand().Build(),
            CompareCommand.Build(),
            Verify(),
            new BenchCommand().Build(),
            DoctorCommandLine(),
        };
    }

    private static Command Verify()
    {
        var paper = Opt.Default(
            "--paper", VerifyCommand.Papers[0], $"Whose statements: {string.Join(", ", VerifyCommand.Papers)}.", "PAPER");
        var seed = Opt.Default("--seed", 7, "Seed of data and starts.");
        var json = Opt.Flag("--json", "Print JSON.");
        var command = new Command("verify", """
            Check every statement of a paper on runs made for it: hypothesis, measured value, bound, verdict.

            Example: torchalign verify --paper jt
            """) { paper, seed, json };
        command.SetAction((parsed, cancellation) => Task.FromResult(
            VerifyCommand.Run(parsed.GetValue(paper)!, parsed.GetValue(seed), parsed.GetValue(json), cancellation)));
        return command;
    }

    private static Command DoctorCommandLine()
    {
        var json = Opt.Flag("--json", "Print JSON.");
        var command = new Command("doctor", """
            What this machine computes with: torch, BLAS, threads, CUDA, libsvm, node; and what to do where it could be better.

            Example: torchalign doctor --json
            """) { json };
        command.SetAction((parsed, cancellation) => Task.FromResult(DoctorCommand.Run(parsed.GetValue(json), cancellation)));
        return command;
    }

    /// <summary>Whether the message says all that a user needs.</summary>
    internal static bool IsBadInput(Exception error) =>
        error is CommandException or DataException or RecordingException or DeviceException or DeviceMemoryException;

    /// <summary>What says that torch does not load; null where it is something else.</summary>
    private static DllNotFoundException? MissingTorch(Exception error) =>
        error as DllNotFoundException ?? (error is TypeInitializationException { InnerException: { } inner } ? MissingTorch(inner) : null);

    private static void Complain(string message) => Console.Error.WriteLine($"torchalign: {message}");
}
