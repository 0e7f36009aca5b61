/// A relay of RMB for development and closed installations (docs/spec/rmb-relay.md sections 4–6).
public enum Relay {}
