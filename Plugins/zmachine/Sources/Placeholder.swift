enum ZMachinePlaceholder {}
