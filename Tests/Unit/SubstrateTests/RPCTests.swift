import JSON
import Substrate
import Testing

@Suite("Answers of the chain")
struct RPCTests {
    @Test("answers and news are told apart; subscription ids may be numbers")
    func messages() throws {
        func message(_ text: String) throws -> RPCMessage { try RPCMessage(try JSONValue(parsing: text)) }
        #expect(try message(#"{"jsonrpc":"2.0","id":3,"result":null}"#) == .answer(id: 3, .success(.null)))
        #expect(
            try message(#"{"id":3,"error":{"code":-32000,"message":"State already discarded"}}"#)
                == .answer(id: 3, .failure(RPCFailure(code: -32000, message: "State already discarded"))))
        #expect(
            try message(#"{"method":"chain_newHead","params":{"subscription":17,"result":1}}"#)
                == .notification(method: "chain_newHead", subscription: "17", 1))
        for nonsense in ["{}", "[]", "null", #"{"id":"a","result":1}"#, #"{"id":1}"#, #"{"method":"x"}"#] {
            #expect(throws: SubstrateError.self) { try message(nonsense) }
        }
    }

    @Test(
        "what has another shape is malformed and never absent",
        arguments: ["17", "\"\"", "\"00\"", "\"0x0\"", "\"0xzz\"", "{}", "[]", "true"])
    func shapes(text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(throws: SubstrateError.self) { try RPCAnswers.storage(value) }
        #expect(throws: SubstrateError.self) { try RPCAnswers.blockHash(value) }
        #expect(throws: SubstrateError.self) { try RPCAnswers.header(value) }
        #expect(throws: SubstrateError.self) { try RPCAnswers.runtimeVersion(value) }
        if text != "[]" { #expect(throws: SubstrateError.self) { try RPCAnswers.changes(value) } }
    }

    @Test("a status that names no block leaves the outcome open")
    func status() {
        #expect(ExtrinsicStatus(["inBlock": .null]) == .unknown)
        #expect(ExtrinsicStatus(["finalized": "0x00"]) == .unknown)
        #expect(ExtrinsicStatus("something new") == .waiting)
        #expect(ExtrinsicStatus(.null) == .waiting)
    }

    @Test("quantities are hexadecimal without sign")
    func quantities() {
        #expect(HexText.quantity("0x4e2d40") == 5_123_392)
        #expect(HexText.quantity(5_123_392) == "0x4e2d40")
        for text in ["", "0x", "4e", "0x-1", "0x+1", "0xfffffffffffffffff"] { #expect(HexText.quantity(text) == nil) }
    }
}
