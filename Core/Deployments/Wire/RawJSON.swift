import JSON

/// JSON that is passed through as it was received (docs/spec/deployment.md section 2.2).
public struct RawJSON: Sendable, Hashable {
    /// The text as received: one JSON value, perhaps with bytes that are no UTF-8.
    public let received: [UInt8]
    /// The text without insignificant white space and with the grid's escapes, as it is written.
    public let compacted: String

    init(_ text: JSONText) {
        received = text.received
        compacted = text.compacted
    }

    public init(_ value: JSONValue) {
        compacted = value.text
        received = Array(compacted.utf8)
    }

    /// Reads a text that holds one value. Throws `.json`.
    public init(parsing text: [UInt8]) throws(DeploymentError) {
        do throws(JSONError) {
            self.init(try JSONText(text, mode: .lenient, limits: JSONLimits(maxDepth: JSONLimits.deepest)))
        } catch {
            throw DeploymentError(.json, error.description)
        }
    }

    /// The value, invalid bytes replaced. Throws `.json` if it is nested deeper than any parser reads.
    public func value() throws(DeploymentError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(
                parsing: received, mode: .lenient, limits: JSONLimits(maxDepth: JSONLimits.deepest))
        } catch {
            throw DeploymentError(.json, error.description)
        }
    }
}

extension RawJSON: CustomStringConvertible {
    /// The length alone: data holds secrets.
    public var description: String { "JSON of \(received.count) bytes" }
}
