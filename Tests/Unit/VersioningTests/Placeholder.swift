enum VersioningTestsPlaceholder {}
