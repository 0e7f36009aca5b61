/// tfchain: the client that reads it, and the face with which the embedded ledger answers as it would.
public enum Chain {}
