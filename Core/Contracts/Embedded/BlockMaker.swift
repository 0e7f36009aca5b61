import JSON
import SQLite
import Signatures

/// Makes blocks inside the transaction of a connection.
struct BlockMaker {
    /// What goes into a block.
    enum Operation: Sendable {
        case call(SignedCall)
        case administrator(AdministratorCall)
    }

    /// What became of an operation.
    typealias Outcome = Result<CallReceipt, CallFailure>

    /// The longest `data` of a node contract that decodes.
    private static let maxData = 512
    private static let maxPk = 128
    /// How often old state is dropped, in blocks.
    private static let pruneEvery: UInt32 = 64

    let connection: Connection
    let settings: LedgerSettings
    /// Milliseconds since 1970, warps included.
    let now: UInt64

    static func head(_ connection: Connection) throws -> (reference: BlockReference, state: [UInt8]) {
        let found = try connection.first(
            "SELECT number, hash, time, state FROM block ORDER BY number DESC LIMIT 1"
        ) { row throws(SQLiteError) in
            let reference = BlockReference(
                number: try row.uint32(0), hash: HexBytes(try row.blob(1)), time: try row.uint64(2))
            return (reference, try row.blob(3))
        }
        guard let found else { throw SQLiteError(.corrupt, "the ledger has no genesis block") }
        return found
    }

    /// Block 0: `apply` fills the state, whose digest is the block's hash.
    static func makeGenesis(_ connection: Connection, time: UInt64, apply: (LedgerState) throws -> Void) throws {
        let state = LedgerState(connection: connection, block: 0)
        try state.set(.now, time)
        try apply(state)
        let digest = try state.changesDigest()
        try connection.execute(
            "INSERT INTO block (number, hash, parent, time, state) VALUES (0, ?, ?, ?, ?)", digest,
            [UInt8](repeating: 0, count: 32), time, digest)
    }

    /// Applies operations in order and stores the block. Without any accepted operation there is no block, unless the
    /// list was empty from the start.
    func make(_ operations: [Operation]) throws -> (head: BlockReference, outcomes: [Outcome]) {
        let parent = try Self.head(connection)
        guard parent.reference.number < UInt32.max else {
            throw SQLiteError(.failed, "there are no block numbers left")
        }
        let number = parent.reference.number + 1
        let time = max(parent.reference.time, now)
        let state = LedgerState(connection: connection, block: number)
        var records = [EventRecord(extrinsic: 0, event: .extrinsicSuccess)]
        var applied: [Applied] = []
        var extrinsicDigest: [UInt8] = []
        var index: UInt32 = 0
        for operation in operations {
            if let refusal = try admit(operation, state) {
                applied.append(.refused(refusal))
                continue
            }
            index += 1
            applied.append(try run(operation, state, time, index, &records))
            if case .call(let call) = operation { extrinsicDigest += Sodium.blake2b(Array(call.json.text.utf8)) }
        }
        guard index > 0 || operations.isEmpty else {
            return (parent.reference, applied.map { $0.outcome(parent.reference, index: 0) })
        }
        if number % settings.billingBlocks == 0 {
            _ = try run(.administrator(.bill), state, time, index + 1, &records)
        }
        try state.set(.now, time)
        let stateDigest = Sodium.blake2b(parent.state + (try state.changesDigest()))
        let header: [JSONValue] = [
            .string(parent.reference.hash.text), .number(JSONNumber(number)), .number(JSONNumber(time)),
            .string(Hex.encode(stateDigest)), .string(Hex.encode(Sodium.blake2b(extrinsicDigest))),
        ]
        let hash = Sodium.blake2b(Array(JSONValue.array(header).text.utf8))
        let head = BlockReference(number: number, hash: HexBytes(hash), time: time)
        try store(head, parent: parent.reference.hash, stateDigest, records)
        if number % Self.pruneEvery == 0 { try state.prune(settings) }
        var position: UInt32 = 0
        let outcomes = applied.map { result in
            if case .refused = result {} else { position += 1 }
            return result.outcome(head, index: position)
        }
        return (head, outcomes)
    }

    private enum Applied {
        case done([LedgerEvent])
        case failed(LedgerError)
        case refused(CallRefusal)

        func outcome(_ block: BlockReference, index: UInt32) -> Outcome {
            switch self {
            case .done(let events): .success(CallReceipt(block: block, extrinsic: index, events: events))
            case .failed(let error): .failure(.failed(error: error, block: block.number))
            case .refused(let refusal): .failure(.refused(refusal: refusal))
            }
        }
    }

    /// Checks what the chain checks before a call gets into a block; then takes nonce and fee.
    private func admit(_ operation: Operation, _ state: LedgerState) throws -> CallRefusal? {
        guard case .call(let call) = operation else { return nil }
        var account: LedgerAccount = try state.value(.account(call.account)) ?? LedgerAccount()
        if call.nonce < account.nonce {
            return CallRefusal(.outdated, "nonce \(call.nonce) was used; the account is at \(account.nonce)")
        }
        if call.nonce > account.nonce {
            return CallRefusal(.future, "nonce \(call.nonce) is ahead; the account is at \(account.nonce)")
        }
        if let refusal = checkLengths(call.call) { return refusal }
        guard account.free >= settings.fee else {
            return CallRefusal(.payment, "the account has \(account.free) units, a call costs \(settings.fee)")
        }
        guard account.nonce < UInt32.max else { return CallRefusal(.outdated, "the account has no nonces left") }
        account.nonce += 1
        account.free -= settings.fee
        try state.set(.account(call.account), account)
        return nil
    }

    /// Fields with a bound do not decode beyond it on the chain.
    private func checkLengths(_ call: LedgerCall) -> CallRefusal? {
        switch call {
        case .createNodeContract(_, _, let data, _, _) where data.bytes.count > Self.maxData,
            .updateNodeContract(_, _, let data) where data.bytes.count > Self.maxData:
            CallRefusal(.malformed, "the contract's data has \(data.bytes.count) bytes, at most \(Self.maxData) fit")
        case .createTwin(_, let pk?) where pk.bytes.count > Self.maxPk,
            .updateTwin(_, let pk?) where pk.bytes.count > Self.maxPk:
            CallRefusal(.malformed, "pk has \(pk.bytes.count) bytes, at most \(Self.maxPk) fit")
        default: nil
        }
    }

    /// All or nothing: a failing call leaves its failure event only.
    private func run(
        _ operation: Operation, _ state: LedgerState, _ time: UInt64, _ index: UInt32, _ records: inout [EventRecord]
    ) throws -> Applied {
        var extrinsic = Extrinsic(state: state, settings: settings, time: time)
        do {
            try connection.savepoint { _ in
                switch operation {
                case .call(let call): try extrinsic.apply(call.call, by: call.account)
                case .administrator(let call): try extrinsic.apply(call)
                }
            }
        } catch let error as LedgerError {
            records.append(EventRecord(extrinsic: index, event: .extrinsicFailed(error: error)))
            return .failed(error)
        }
        records += extrinsic.events.map { EventRecord(extrinsic: index, event: $0) }
        records.append(EventRecord(extrinsic: index, event: .extrinsicSuccess))
        return .done(extrinsic.events)
    }

    private func store(_ head: BlockReference, parent: HexBytes, _ state: [UInt8], _ records: [EventRecord]) throws {
        try connection.execute(
            "INSERT INTO block (number, hash, parent, time, state) VALUES (?, ?, ?, ?, ?)", head.number,
            head.hash.bytes, parent.bytes, head.time, state)
        for (position, record) in records.enumerated() {
            try connection.execute(
                "INSERT INTO event (block, position, extrinsic, event) VALUES (?, ?, ?, ?)", head.number, position,
                record.extrinsic, try JSONValue(encoding: record.event).text)
        }
    }
}
