enum RMBPlaceholder {}
