enum NetworkTestsPlaceholder {}
