enum WorkerSandboxTestsPlaceholder {}
