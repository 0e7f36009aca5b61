/// SCALE, metadata, storage keys and extrinsics of Substrate chains, without any connection (docs/spec/tfchain.md sections 2–8).
public enum Substrate {}
