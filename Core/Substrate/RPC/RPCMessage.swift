import JSON

/// A message of an endpoint: an answer, or news of a subscription.
public enum RPCMessage: Sendable, Hashable {
    case answer(id: UInt64, Result<JSONValue, RPCFailure>)
    /// - Parameter subscription: an opaque text; numbers of older endpoints as their digits.
    case notification(method: String, subscription: String, JSONValue)

    /// - Throws: `malformed` for everything else.
    public init(_ value: JSONValue) throws(SubstrateError) {
        if let method = value["method"]?.stringValue, let parameters = value["params"],
            let subscription = parameters["subscription"].flatMap(Self.subscription)
        {
            self = .notification(method: method, subscription: subscription, parameters["result"] ?? .null)
        } else if let id = value["id"]?.uint64Value {
            if let failure = value["error"], !failure.isNull {
                self = .answer(id: id, .failure(RPCFailure(failure)))
            } else if let result = value["result"] {
                self = .answer(id: id, .success(result))
            } else {
                throw SubstrateError(.malformed, "an answer has neither a result nor an error")
            }
        } else {
            throw SubstrateError(.malformed, "a message is neither an answer nor news of a subscription")
        }
    }

    /// The id of a subscription from an answer or a notification.
    public static func subscription(_ value: JSONValue) -> String? {
        value.stringValue ?? value.uint64Value.map(String.init)
    }
}
