enum ZMountTestsPlaceholder {}
