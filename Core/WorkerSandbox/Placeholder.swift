enum WorkerSandboxPlaceholder {}
