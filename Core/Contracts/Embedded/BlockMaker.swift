import JSON
import SQLite
import Signatures

/// Makes blocks inside the transaction of a connection.
struct BlockMaker {
    /// What goes into a block.
    enum Operation: Sendable {
        /// A call whose proof was checked, and the last block that it is good for.
        case call(any ProvenCall, lastBlock: UInt32?)
        case administrator(AdministratorCall)

        var extrinsic: BlockExtrinsic {
            switch self {
            case .call(let proof, _): proof.form
            case .administrator(let call): .administrator(call)
            }
        }
    }

    typealias Outcome = PendingCall.Outcome

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
        var body = [BlockExtrinsic.time(milliseconds: time)]
        var applied: [Applied] = []
        for operation in operations {
            if let refusal = try admit(operation, state) {
                applied.append(.refused(refusal))
                continue
            }
            applied.append(try run(operation, state, time, UInt32(truncatingIfNeeded: body.count), &records))
            body.append(operation.extrinsic)
        }
        guard body.count > 1 || operations.isEmpty else {
            return (parent.reference, applied.map { $0.outcome(parent.reference, index: 0) })
        }
        if number % settings.billingBlocks == 0 {
            let billing = Operation.administrator(.bill)
            _ = try run(billing, state, time, UInt32(truncatingIfNeeded: body.count), &records)
            body.append(billing.extrinsic)
        }
        try state.set(.now, time)
        let header = LedgerHeader(
            parent: parent.reference.hash, number: number,
            stateRoot: HexBytes(Sodium.blake2b(parent.state + (try state.changesDigest()))),
            extrinsicsRoot: try BlockExtrinsic.root(of: body))
        try store(header, time: time, body, records)
        if number % Self.pruneEvery == 0 { try state.prune(settings) }
        let head = BlockReference(number: number, hash: header.hash, time: time)
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

    /// Checks once more what was checked when the call came in, for the state may have moved on; takes nonce and fee.
    private func admit(_ operation: Operation, _ state: LedgerState) throws -> CallRefusal? {
        guard case .call(let proof, let lastBlock) = operation else { return nil }
        if let lastBlock, state.block > lastBlock {
            return CallRefusal(.badProof, "the call was good until block \(lastBlock), this is \(state.block)")
        }
        let admission = Admission(settings: settings)
        var account: LedgerAccount = try state.value(.account(proof.account)) ?? LedgerAccount()
        if let refusal = admission.refusal(of: proof, from: account) { return refusal }
        account.nonce += 1
        account.free -= admission.price(of: proof)
        try state.set(.account(proof.account), account)
        return nil
    }

    /// All or nothing: a failing call leaves its failure event only.
    private func run(
        _ operation: Operation, _ state: LedgerState, _ time: UInt64, _ index: UInt32, _ records: inout [EventRecord]
    ) throws -> Applied {
        var extrinsic = Extrinsic(state: state, settings: settings, time: time)
        do {
            try connection.savepoint { _ in
                switch operation {
                case .call(let proof, _):
                    try extrinsic.apply(proof.call, by: proof.account)
                    if proof.call.isFree { try extrinsic.giveBack(settings.fee, to: proof.account) }
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

    private func store(
        _ header: LedgerHeader, time: UInt64, _ body: [BlockExtrinsic], _ records: [EventRecord]
    ) throws {
        try connection.execute(
            "INSERT INTO block (number, hash, parent, time, state, extrinsics) VALUES (?, ?, ?, ?, ?, ?)",
            header.number, header.hash.bytes, header.parent.bytes, time, header.stateRoot.bytes,
            header.extrinsicsRoot.bytes)
        for (position, extrinsic) in body.enumerated() {
            let stored = try extrinsic.stored
            try connection.execute(
                "INSERT INTO body (block, position, form, content) VALUES (?, ?, ?, ?)", header.number, position,
                stored.form, stored.content)
        }
        for (position, record) in records.enumerated() {
            try connection.execute(
                "INSERT INTO event (block, position, extrinsic, event) VALUES (?, ?, ?, ?)", header.number, position,
                record.extrinsic, try JSONValue(encoding: record.event).text)
        }
    }
}
