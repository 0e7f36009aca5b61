import CHost

// Fetches or unpacks one root that a client named, without any right on the node (docs/images.md).
zos_leave(UnpackProgram.run())
