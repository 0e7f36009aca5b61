/// The ways out of the node that the operator has configured.
public enum Exit: String, Sendable {
    /// The segment with public addresses.
    case `public`
    /// The node's own way to the internet.
    case node
}
