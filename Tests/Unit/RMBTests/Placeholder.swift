enum RMBTestsPlaceholder {}
