using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;

// In this process: BenchmarkDotNet's own toolchain would build a project of its own, without our choice of libtorch.
var config = DefaultConfig.Instance.WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "BenchmarkDotNet.Artifacts"));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run([.. args, "--inProcess"], config);
