import JSON

/// `zos.system.diagnostics`: whether the parts of a node answer.
public struct NodeDiagnosis: Sendable, Hashable {
    public let isSystemFine: Bool
    /// The last health check was free of errors.
    public let isHealthy: Bool
    /// Parts that do not answer or are not well, by name, with what they say. Its form is each node's own.
    public let failures: [String: String]

    init(_ value: JSONValue) throws(ClientError) {
        guard let object = value.objectValue else {
            throw ClientError(.badAnswer, "the node's diagnosis is no object")
        }
        isSystemFine = object.folded("system_status_ok")?.boolValue ?? false
        isHealthy = object.folded("healthy")?.boolValue ?? false
        var failures: [String: String] = [:]
        for module in object.folded("modules")?.objectValue?.members ?? [] {
            guard let error = module.value.objectValue?.folded("error"), !error.isNull else { continue }
            failures[module.key] = error.stringValue ?? error.text
        }
        self.failures = failures
    }
}
