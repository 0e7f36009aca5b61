import JSON

/// The body of `/zbus-result`: which answers are asked for. It carries no signature; the name is the secret.
package struct ResultRequest {
    static let path = "/zbus-result"

    let queue: String

    /// - Throws: `malformed` with the texts of `docs/spec/rmb-direct.md` section 6.
    package init(parsing body: [UInt8]) throws(RMBError) {
        let limits = JSONLimits(maxBytes: RMBMessage.sizeLimit, maxDepth: 64)
        guard let value = try? JSONValue.parsingFirst(of: body, mode: .lenient, limits: limits).value,
            let object = value.objectValue
        else { throw RMBMessage.malformed }
        let name = object.folded("retqueue")
        guard name == nil || name?.isNull == true || name?.stringValue != nil else { throw RMBMessage.malformed }
        guard let queue = name?.stringValue, UUIDText.isResultQueue(queue) else {
            throw RMBError(.malformed, "Invalid Retqueue, it should be a valid UUID")
        }
        self.queue = queue
    }
}
