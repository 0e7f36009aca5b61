enum SignaturesTestsPlaceholder {}
