using TorchAlign.Experiments;

return await CommandLine.Run(args);
