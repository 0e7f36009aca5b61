enum ZMountPlaceholder {}
