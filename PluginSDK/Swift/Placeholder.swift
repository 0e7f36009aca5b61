enum SwiftPlaceholder {}
