enum ZMachineTestsPlaceholder {}
