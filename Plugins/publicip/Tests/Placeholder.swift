enum PublicIPTestsPlaceholder {}
