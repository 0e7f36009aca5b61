enum SignaturesPlaceholder {}
