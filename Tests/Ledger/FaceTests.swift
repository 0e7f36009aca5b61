import Chain
import Contracts
import JSON
import Signatures
import Substrate
import TestChain
import TestLedger
import Testing

/// docs/spec/ledger.md section 1, second face, and docs/spec/tfchain.md sections 1, 4, 7 and 8.
@Suite("Chain face")
struct FaceTests {
    private func name(_ text: String) -> LedgerCall { .createNameContract(name: text) }

    @Test("every value of the ledger lies under its real key, in the type that the metadata gives it")
    func storage() async throws {
        try await LedgerFixture.with(.inProcess) { fixture in
            let ledger = fixture.ledger
            let contract = try await fixture.contract(fixture.hash("a"), ips: 2)
            _ = try await ledger.submit(name("a-name"), by: fixture.user)
            _ = try await fixture.administrate(.setDedicated(farm: 1, isDedicated: true))
            _ = try await ledger.submit(.createRentContract(node: 1, solutionProvider: nil), by: fixture.farmer)
            _ = try await ledger.submit(.changePowerState(isUp: false), by: fixture.node)
            _ = try await ledger.submit(.acceptTerms(document: "link", hash: "hash"), by: fixture.user)
            _ = try await fixture.administrate(.setExtraFee(node: 1, fee: 5))
            _ = try await fixture.administrate(.setVersionText(text: "{}"))
            try await FaceClient.with(fixture.embedded) { client in
                let chain = try await client.metadata()
                func value(_ item: String, _ arguments: ScaleValue...) async throws -> ScaleValue? {
                    let parts = item.split(separator: ".").map(String.init)
                    let key = try chain.storageKey(parts[0], parts[1], arguments)
                    let answer = try await client.call("state_getStorage", .string(HexText.encode(key)))
                    return try chain.storageValue(parts[0], parts[1], try RPCAnswers.storage(answer))
                }
                let account = AccountID(fixture.user.publicKey)
                let twin = try #require(try await value("TfgridModule.Twins", .number(3 as UInt32)))
                #expect(try Twin(twin).account == account)
                #expect(try await value("TfgridModule.Twins", .number(9 as UInt32)) == nil)
                #expect(try await value("TfgridModule.TwinIdByAccountID", account.tree) == .number(3 as UInt32))
                let node = try #require(try await value("TfgridModule.Nodes", .number(1 as UInt32)))
                #expect(try Node(node) == (try await ledger.node(1, at: .best)))
                #expect(try await value("TfgridModule.NodeIdByTwinID", .number(2 as UInt32)) == .number(1 as UInt32))
                #expect(try await value("TfgridModule.NodeIdByTwinID", .number(3 as UInt32)) == .number(0 as UInt32))
                #expect(
                    try await value("TfgridModule.NodesByFarmID", .number(1 as UInt32)) == .list([.number(1 as UInt32)])
                )
                let farm = try #require(try await value("TfgridModule.Farms", .number(1 as UInt32)))
                #expect(try Farm(farm) == (try await ledger.farm(1, at: .best)))
                #expect(try await value("TfgridModule.FarmIdByName", .utf8("first")) == .number(1 as UInt32))
                let power = try #require(try await value("TfgridModule.NodePower", .number(1 as UInt32)))
                #expect(try NodePower(power) == (try await ledger.power(ofNode: 1, at: .best)))
                let terms = try #require(try await value("TfgridModule.UsersTermsAndConditions", account.tree))
                #expect(try terms.elements().map { $0["document_link"] } == [.utf8("link")])
                #expect(try await value("TfgridModule.ZosVersion") == .utf8("{}"))
                #expect(try await value("TfgridModule.TwinID") == .number(4 as UInt32))
                #expect(try await value("TfgridModule.FarmID") == .number(1 as UInt32))
                #expect(try await value("TfgridModule.NodeID") == .number(1 as UInt32))

                let id = ScaleValue.number(contract.id)
                let stored = try #require(try await value("SmartContractModule.Contracts", id))
                #expect(try Contract(stored) == contract)
                #expect(
                    try await value(
                        "SmartContractModule.ContractIDByNodeIDAndHash", .number(1 as UInt32), fixture.hash("a").tree)
                        == id)
                #expect(
                    try await value("SmartContractModule.ContractIDByNameRegistration", .utf8("a-name"))
                        == .number(2 as UInt64))
                #expect(
                    try await value("SmartContractModule.ActiveNodeContracts", .number(1 as UInt32)) == .list([id]))
                #expect(
                    try await value("SmartContractModule.ActiveRentContractForNode", .number(1 as UInt32))
                        == .number(3 as UInt64))
                let used = try #require(try await value("SmartContractModule.NodeContractResources", id))
                #expect(try ContractResources(used) == ContractResources(contract: contract.id, used: Resources()))
                let billing = try #require(
                    try await value("SmartContractModule.ContractBillingInformationByID", id))
                #expect(try billing.field("last_updated").integer(UInt64.self) > 1_600_000_000)
                #expect(try await value("SmartContractModule.ContractLock", id)?["cycles"] == .number(0 as UInt16))
                #expect(
                    try await value("SmartContractModule.DedicatedNodesExtraFee", .number(1 as UInt32))
                        == .number(5 as UInt64))
                #expect(try await value("SmartContractModule.ContractID") == .number(3 as UInt64))
                let signer = try #require(try await value("System.Account", account.tree))
                #expect(try LedgerAccount(signer).nonce == 3)
                let head = try await ledger.head(.best)
                #expect(try await value("System.Number") == .number(head.number))
                #expect(try await value("Timestamp.Now") == .number(head.time))
                // What the ledger does not have is as if nobody had stored it.
                #expect(try await client.call("state_getStorage", "0x0102") == .null)
            }
        }
    }

    @Test("all keys of an item, of a pallet or of everything come in pages, in the order of their bytes")
    func keys() async throws {
        try await LedgerFixture.with(.inProcess) { fixture in
            for character in "abc" { _ = try await fixture.contract(fixture.hash(character)) }
            try await FaceClient.with(fixture.embedded) { client in
                let chain = try await client.metadata()
                let prefix = HexText.encode(try chain.storagePrefix("SmartContractModule", "Contracts"))
                var found: [[UInt8]] = []
                var start = JSONValue.null
                while true {
                    let page = try RPCAnswers.keys(
                        try await client.call("state_getKeysPaged", .string(prefix), 2, start))
                    guard let last = page.last else { break }
                    found += page
                    start = .string(HexText.encode(last))
                }
                #expect(found.count == 3)
                #expect(found == found.sorted { $0.lexicographicallyPrecedes($1) })
                let ids = try found.compactMap {
                    try chain.storageArguments("SmartContractModule", "Contracts", of: $0)
                }
                #expect(Set(ids) == Set((1...3).map { [.number(UInt64($0))] }))
                let first = try await client.call("chain_getBlockHash", 1)
                let early = try RPCAnswers.keys(
                    try await client.call("state_getKeysPaged", .string(prefix), 9, .null, first))
                #expect(early.count == 1)
                let everything = try RPCAnswers.keys(try await client.call("state_getKeysPaged", "0x", 1_000))
                #expect(Set(found).isSubset(of: Set(everything)))
                for key in everything {
                    let size = try await client.call("state_getStorageSize", .string(HexText.encode(key)))
                    #expect((size.intValue ?? 0) > 0)
                }
                #expect(try await client.failure("state_getKeysPaged", .string(prefix), 1_001).code == -32602)
            }
        }
    }

    @Test("events of a block carry the extrinsic that caused them, and its body holds that extrinsic")
    func blocks() async throws {
        try await LedgerFixture.with(.inProcess) { fixture in
            let failing = LedgerCall.cancelContract(contract: 9)
            await fixture.expect("ContractNotExists", failing, by: fixture.user)
            _ = try await fixture.administrate(.tick)
            try await FaceClient.with(fixture.embedded) { client in
                let chain = try await client.metadata()
                let hash = try await client.call("chain_getBlockHash", 1)
                let key = HexText.encode(try chain.storageKey("System", "Events"))
                let stored = try await client.call("state_getStorage", .string(key), hash)
                let events = try chain.events(try RPCAnswers.storage(stored))
                #expect(events.failure == nil)
                #expect(events.records.map(\.phase) == [.applyExtrinsic(0), .applyExtrinsic(1)])
                #expect(
                    try chain.outcome(ofExtrinsic: 1, in: events.records)
                        == .failure(DispatchFailure(pallet: "SmartContractModule", name: "ContractNotExists")))
                let block = try await client.call("chain_getBlock", hash)
                let extrinsics = try #require(try RPCAnswers.extrinsics(block))
                #expect(extrinsics.count == 2)
                #expect(try chain.extrinsic(parsing: extrinsics[0]).call.name == "set")
                let call = try chain.extrinsic(parsing: extrinsics[1])
                #expect(try LedgerCall(call.call) == failing)
                #expect(call.signed?.account == fixture.user.publicKey)
                let header = try await client.call("chain_getHeader", hash)
                #expect(block["block"]?["header"] == header)
                #expect(header["number"] == "0x1")
                #expect(header["parentHash"] == (try await client.call("chain_getBlockHash", 0)))
                #expect(try await client.call("chain_getHead") == (try await client.call("chain_getBlockHash")))
                #expect(try await client.call("chain_getBlockHash", 3) == .null)
                let tick = try await client.call("chain_getBlock", try await client.call("chain_getFinalizedHead"))
                let remark = try chain.extrinsic(parsing: try #require(try RPCAnswers.extrinsics(tick)?.last))
                #expect(remark.call.name == "remark")
                #expect(remark.signed == nil)
                let unknown = JSONValue.string("0x" + String(repeating: "12", count: 32))
                #expect(try await client.call("chain_getHeader", unknown) == .null)
                #expect(try await client.failure("state_getStorage", .string(key), unknown).code == -32000)
            }
        }
    }

    @Test("a block whose state is gone is answered as a pruned endpoint answers")
    func pruned() async throws {
        var settings = LedgerFixture.onDemand
        settings.keptStates = 2
        try await LedgerFixture.with(.inProcess, settings: settings) { fixture in
            try await FaceClient.with(fixture.embedded) { client in
                let chain = try await client.metadata()
                let old = try await client.call("chain_getBlockHash", 0)
                for _ in 0..<2 { _ = try await fixture.administrate(.tick) }
                let known = HexText.encode(try chain.storageKey("TfgridModule", "TwinID"))
                for key in [known, "0x0102"] {
                    let failure = try await client.failure("state_getStorage", .string(key), old)
                    #expect(failure.code == -32000)
                }
                #expect(try await client.failure("state_getKeysPaged", "0x", 1, .null, old).code == -32000)
            }
        }
    }

    @Test(
        "a signed extrinsic of either scheme, mortal or not, is applied and watched to its end",
        arguments: KeyScheme.allCases)
    func calls(scheme: KeyScheme) async throws {
        try await LedgerFixture.with(.inProcess) { fixture in
            let key = scheme == .ed25519 ? fixture.user : fixture.other
            let account = AccountID(key.publicKey)
            _ = try await fixture.administrate(.tick)
            try await FaceClient.with(fixture.embedded) { client in
                let immortal = try await client.signed(name("immortal"), by: key, nonce: 0)
                let hash = try await client.call("author_submitExtrinsic", .string(HexText.encode(immortal.bytes)))
                #expect(hash == .string(HexText.encode(immortal.hash)))
                let era = try ExtrinsicEra(period: 64, at: 1)
                let mortal = try await client.signed(
                    name("mortal"), by: key, nonce: 1, era: era,
                    eraHash: try await fixture.ledger.head(.block(number: 1)).hash)
                let id = try await client.call(
                    "author_submitAndWatchExtrinsic", .string(HexText.encode(mortal.bytes)))
                #expect(try await client.notification("author_extrinsicUpdate", id) == "ready")
                let block = try await client.call("chain_getBlockHash", 3)
                #expect(try await client.notification("author_extrinsicUpdate", id) == ["inBlock": block])
                #expect(try await client.notification("author_extrinsicUpdate", id) == ["finalized": block])
                let body = try #require(try RPCAnswers.extrinsics(try await client.call("chain_getBlock", block)))
                #expect(body[1] == mortal.bytes)
                #expect(try await client.call("system_accountNextIndex", .string(account.address)) == 2)
            }
            #expect(try await fixture.ledger.contractID(name: "mortal", at: .best) == 2)
        }
    }

    @Test("what is not let in is refused by the chain's numbers and leaves no trace")
    func refusals() async throws {
        var settings = LedgerFixture.onDemand
        settings.fee = 0
        try await LedgerFixture.with(.inProcess, settings: settings) { fixture in
            for _ in 0..<6 { _ = try await fixture.administrate(.tick) }
            let head = try await fixture.ledger.head(.best)
            let key = fixture.user
            try await FaceClient.with(fixture.embedded) { client in
                func refusal(_ bytes: [UInt8]) async throws -> (code: Int64, data: String) {
                    try await client.failure("author_submitExtrinsic", .string(HexText.encode(bytes)))
                }
                func badSignature(_ extrinsic: [UInt8], _ what: Comment) async throws {
                    let refused = try await refusal(extrinsic)
                    #expect(refused.code == 1010, what)
                    #expect(refused.data.contains("bad signature"), what)
                }
                let good = try await client.signed(name("one"), by: key, nonce: 0)
                var flipped = good.bytes
                flipped[50] ^= 1
                try await badSignature(flipped, "a changed signature")
                try await badSignature(
                    try await client.signed(name("one"), by: key, nonce: 0, spec: 150).bytes, "another spec version")
                try await badSignature(
                    try await client.signed(
                        name("one"), by: key, nonce: 0, genesis: HexBytes([UInt8](repeating: 1, count: 32))
                    ).bytes,
                    "another genesis")
                let era = try ExtrinsicEra(period: 4, at: 1)
                let birth = try await fixture.ledger.head(.block(number: 1)).hash
                try await badSignature(
                    try await client.signed(name("one"), by: key, nonce: 0, era: era, eraHash: birth).bytes,
                    "an era that is over")
                let ahead = try await refusal(try await client.signed(name("one"), by: key, nonce: 7).bytes)
                #expect(ahead.code == 1010 && ahead.data.contains("future"))
                let chain = try await client.metadata()
                let remark = try chain.encode(RuntimeCall("System", "remark", ["remark": .bytes([1])]))
                let foreign = try await client.signed(bytes: remark, by: key, nonce: 0)
                #expect(try await refusal(foreign.bytes).data.contains("not expected"))
                #expect(try await refusal(chain.unsignedExtrinsic(remark)).data.contains("not expected"))
                for garbage in [[], [4, 0x84], Array(good.bytes.dropLast())] as [[UInt8]] {
                    #expect(try await refusal(garbage).code == 1001)
                }
                #expect(try await fixture.ledger.head(.best) == head)
                _ = try await client.call("author_submitExtrinsic", .string(HexText.encode(good.bytes)))
                let repeated = try await refusal(good.bytes)
                #expect(repeated.code == 1010 && repeated.data.contains("outdated"))
            }
        }
    }

    @Test("with fees, an account without funds is refused")
    func payment() async throws {
        var settings = LedgerFixture.onDemand
        settings.fee = 1
        try await LedgerFixture.with(.inProcess, settings: settings) { fixture in
            try await FaceClient.with(fixture.embedded) { client in
                let call = try await client.signed(name("one"), by: fixture.user, nonce: 0)
                let text = JSONValue.string(HexText.encode(call.bytes))
                let refused = try await client.failure("author_submitExtrinsic", text)
                #expect(refused.code == 1010 && refused.data.contains("fees"))
                #expect(try await client.call("payment_queryInfo", text)["partialFee"] == "1")
            }
        }
    }

    @Test("the administrator's operations are not reachable through it")
    func administration() async throws {
        try await LedgerFixture.with(.inProcess) { fixture in
            let head = try await fixture.ledger.head(.best)
            try await FaceClient.with(fixture.embedded) { client in
                for method in ["administrate", "administrator", "ledger_administrate", "sudo_tick"] {
                    #expect(try await client.failure(method, ["tick": [:]]).code == -32601)
                }
                // As the administrator's socket takes it.
                #expect(try await client.answer(to: #"{"administrator":{"tick":{}}}"#)["error"]?["code"] == -32600)
                // As it stands in a block.
                let chain = try await client.metadata()
                let remark = try chain.encode(
                    RuntimeCall("System", "remark", ["remark": .utf8(#"{"warp":{"milliseconds":9}}"#)]))
                for bytes in [
                    chain.unsignedExtrinsic(remark),
                    try await client.signed(bytes: remark, by: fixture.farmer, nonce: 0).bytes,
                ] {
                    let text = JSONValue.string(HexText.encode(bytes))
                    #expect(try await client.failure("author_submitExtrinsic", text).code == 1010)
                }
            }
            #expect(try await fixture.ledger.head(.best) == head)
        }
    }

    @Test("subscriptions begin with what is, go on with what comes, and end when they are told to")
    func subscriptions() async throws {
        try await LedgerFixture.with(.inProcess) { fixture in
            try await FaceClient.with(fixture.embedded) { client in
                let version = try await client.call("state_subscribeRuntimeVersion")
                let told = try await client.notification("state_runtimeVersion", version)
                #expect(told == (try await client.call("state_getRuntimeVersion")))
                #expect(told["specVersion"] == 149 && told["transactionVersion"] == 2)
                for (subscribe, news, unsubscribe) in [
                    ("chain_subscribeFinalizedHeads", "chain_finalizedHead", "chain_unsubscribeFinalizedHeads"),
                    ("chain_subscribeNewHeads", "chain_newHead", "chain_unsubscribeNewHeads"),
                ] {
                    let id = try await client.call(subscribe)
                    let first = try await client.notification(news, id)
                    #expect(first == (try await client.call("chain_getHeader")))
                    _ = try await fixture.administrate(.tick)
                    let second = try await client.notification(news, id)
                    #expect(second["parentHash"] != first["parentHash"])
                    #expect(try await client.call(unsubscribe, id) == true)
                    #expect(try await client.call(unsubscribe, id) == false)
                }
            }
        }
    }

    @Test("a connection has a bounded number of subscriptions")
    func subscriptionLimit() async throws {
        try await LedgerFixture.with(.inProcess) { fixture in
            try await FaceClient.with(fixture.embedded) { client in
                for _ in 0..<64 { _ = try await client.call("chain_subscribeNewHeads") }
                #expect(try await client.failure("chain_subscribeNewHeads").code == -32000)
            }
        }
    }

    @Test("nonsense is answered by the numbers of JSON-RPC and ends nothing")
    func nonsense() async throws {
        try await LedgerFixture.with(.inProcess) { fixture in
            try await FaceClient.with(fixture.embedded) { client in
                func code(_ text: String) async throws -> Int64? {
                    try await client.answer(to: text)["error"]?["code"]?.int64Value
                }
                #expect(try await code("{") == -32700)
                #expect(try await code("[]") == -32600)
                #expect(try await code("7") == -32600)
                #expect(try await code(#"{"id":1}"#) == -32600)
                #expect(try await code(#"{"id":1,"method":"chain_getHead","params":{"a":1}}"#) == -32602)
                for method in ["state_call", "chain_", "system_dryRun", "author_rotateKeys", ""] {
                    #expect(try await client.failure(method).code == -32601)
                }
                for method in ["state_getStorage", "system_accountNextIndex", "author_submitExtrinsic"] {
                    for parameter in ["zz", 1, "0x1", "0xgg", .null, []] as [JSONValue] {
                        #expect(try await client.failure(method, parameter).code == -32602, "\(method)")
                    }
                }
                #expect(try await client.failure("chain_getHeader", "0x01").code == -32602)
                #expect(try await client.failure("chain_getBlockHash", "x").code == -32602)
                let batch = try await client.answer(
                    to: #"[{"id":1,"method":"system_chain"},{"id":"b","method":"nothing"}]"#)
                #expect(batch[0]?["result"]?.stringValue != nil)
                #expect(batch[1]?["id"] == "b")
                let many =
                    "[" + Array(repeating: #"{"id":1,"method":"system_name"}"#, count: 101).joined(separator: ",") + "]"
                #expect(try await code(many) == -32600)
                let methods = try await client.call("rpc_methods")["methods"]?.arrayValue ?? []
                #expect(methods.count == 30)
            }
        }
    }
}
