enum RecoveryPlaceholder {}
