return args is ["doctor", .. var rest] ? TorchAlign.Experiments.Doctor.DoctorCommand.Run(rest.Contains("--json")) : 0;
