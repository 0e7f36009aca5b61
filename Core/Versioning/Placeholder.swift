enum VersioningPlaceholder {}
