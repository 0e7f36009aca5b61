enum HostingTestsPlaceholder {}
