enum ClientTestsPlaceholder {}
