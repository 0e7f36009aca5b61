enum TestVectorsPlaceholder {}
