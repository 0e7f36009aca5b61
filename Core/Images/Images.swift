/// Root file systems that clients name: read, verified, unpacked (docs/spec/flist.md).
public enum Images {}
