enum ProvisioningTestsPlaceholder {}
