import JSON
import SQLite
import Signatures

extension BlockExtrinsic {
    /// How it is stored: the name of its form and its bytes.
    var stored: (form: String, content: [UInt8]) {
        get throws {
            switch self {
            case .time(let milliseconds): ("time", Array(String(milliseconds).utf8))
            case .signed(let call): ("signed", Array(call.json.text.utf8))
            case .encoded(let bytes): ("encoded", bytes)
            case .administrator(let call): ("administrator", Array(try JSONValue(encoding: call).text.utf8))
            }
        }
    }

    init(form: String, content: [UInt8]) throws {
        switch form {
        case "time":
            guard let milliseconds = UInt64(String(decoding: content, as: UTF8.self)) else {
                throw SQLiteError(.corrupt, "the time of a block is no number")
            }
            self = .time(milliseconds: milliseconds)
        case "signed": self = .signed(try SignedCall(JSONValue(parsing: content)))
        case "encoded": self = .encoded(content)
        case "administrator": self = .administrator(try JSONValue(parsing: content).decode(AdministratorCall.self))
        default: throw SQLiteError(.corrupt, "a block has an extrinsic of the unknown form \(form)")
        }
    }

    /// One root for all extrinsics of a block.
    static func root(of body: [BlockExtrinsic]) throws -> HexBytes {
        let digests = try body.flatMap { extrinsic in
            let stored = try extrinsic.stored
            return Sodium.blake2b(Array(stored.form.utf8) + [0] + stored.content)
        }
        return HexBytes(Sodium.blake2b(digests))
    }
}
