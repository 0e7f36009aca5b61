/// Why a deployment, the data of a workload or a challenge rule was refused.
///
/// The codes are the error classes of docs/spec/deployment.md section 12 and docs/spec/challenge-rules.md section 6, the
/// texts those of docs/spec/deployment.md section 13. No message repeats a value of the data: it may be a secret.
public struct DeploymentError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        // Decoding.
        case json
        case limit
        // Structure.
        case workloadVersionTooHigh = "workload-version-too-high"
        case badName = "bad-name"
        case duplicateName = "duplicate-name"
        case unknownType = "unknown-type"
        case dataDecode = "data-decode"
        case dataLimit = "data-limit"
        case dataInvalid = "data-invalid"
        // Plans.
        case newInvalid = "new-invalid"
        case identityChanged = "identity-changed"
        case deploymentVersion = "deployment-version"
        case newWorkloadVersion = "new-workload-version"
        case typeChanged = "type-changed"
        case typeNotUpdatable = "type-not-updatable"
        // Rules and packages.
        case typeName = "type-name"
        case ruleLimit = "rule-limit"
        case ruleJSON = "rule-json"
        case ruleKind = "rule-kind"
        case ruleMember = "rule-member"
        case ruleName = "rule-name"
        case ruleOrder = "rule-order"
        case ruleReserved = "rule-reserved"
        /// What judges a type could not be asked now.
        case unavailable
    }

    public let code: Code
    public let message: String
    /// Whether the same text may be accepted later.
    public let isRetryable: Bool

    public init(_ code: Code, _ message: String, isRetryable: Bool = false) {
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
    }

    /// The class that a client on the bus is told: limits of data count as data that does not decode.
    public var wireClass: String { code == .dataLimit ? Code.dataDecode.rawValue : code.rawValue }
    public var description: String { message }
}
