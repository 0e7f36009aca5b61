enum PublicIPPlaceholder {}
