enum ProvisioningPlaceholder {}
