/// The three doors through which signed messages come in (`docs/spec/rmb-direct.md` section 6).
public enum Door: String, Sendable, CaseIterable {
    case request = "/zbus-remote"
    case reply = "/zbus-reply"
    /// Requests of callers without a bus, whose answers wait in the proxy queue.
    case proxied = "/zbus-cmd"
}
