import JSON

extension RMBMessage {
    /// The JSON text: all members, in the order and with the escapes of the reference.
    public var encoded: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(data.utf8.count + 512)
        func raw(_ text: StaticString) {
            output.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
        func number(_ value: Int64) { output.append(contentsOf: String(value).utf8) }
        raw("{\"ver\":")
        number(version)
        raw(",\"uid\":")
        Self.write(uid, to: &output)
        raw(",\"cmd\":")
        Self.write(command, to: &output)
        raw(",\"exp\":")
        number(expiration)
        raw(",\"try\":")
        number(retries)
        raw(",\"dat\":")
        Self.write(data, to: &output)
        raw(",\"src\":")
        number(source)
        raw(",\"dst\":")
        if let destinations {
            raw("[")
            for (index, destination) in destinations.enumerated() {
                if index > 0 { raw(",") }
                number(destination)
            }
            raw("]")
        } else {
            raw("null")
        }
        raw(",\"ret\":")
        Self.write(returnQueue, to: &output)
        raw(",\"shm\":")
        Self.write(schema, to: &output)
        raw(",\"now\":")
        number(now)
        raw(",\"pxy\":")
        if isProxied { raw("true") } else { raw("false") }
        raw(",\"err\":")
        Self.write(error, to: &output)
        raw(",\"sig\":")
        Self.write(signature, to: &output)
        raw("}")
        return output
    }

    private static func write(_ text: String, to output: inout [UInt8]) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x22, 0x26, 0x3c, 0x3e, 0x5c, ..<0x20, 0x80...: false
            default: true
            }
        }
        // What needs escapes goes through the one writer that knows the grid's; base64 and names never do.
        guard isPlain else { return output.append(contentsOf: JSONValue.string(text).text.utf8) }
        output.append(0x22)
        output.append(contentsOf: text.utf8)
        output.append(0x22)
    }
}
