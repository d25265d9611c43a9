using TorchAlign.Experiments;

return Interruption.Run(stop => CommandLine.Run(args, stop));
