import Contracts
import Logging
import Signatures
import Testing

/// A way to an embedded ledger. The shared suite runs over all of them.
package struct Face: Sendable, CustomTestStringConvertible {
    /// An embedded ledger as a face shows it.
    package struct View: Sendable {
        package let ledger: any Ledger
        /// The administrator's operations, which some faces have.
        package let administrate: @Sendable (AdministratorCall) async throws -> CallReceipt
        /// A call with a chosen nonce and genesis, signed in the face's own form.
        package let submit:
            @Sendable (_ call: LedgerCall, _ nonce: UInt32, _ genesis: HexBytes, _ key: KeyPair) async throws ->
                Void

        package init(
            ledger: any Ledger, administrate: @escaping @Sendable (AdministratorCall) async throws -> CallReceipt,
            submit: @escaping @Sendable (LedgerCall, UInt32, HexBytes, KeyPair) async throws -> Void
        ) {
            self.ledger = ledger
            self.administrate = administrate
            self.submit = submit
        }
    }

    package let name: String
    /// Runs the body with the view and stops everything afterwards.
    package let open: @Sendable (EmbeddedLedger, Folder, @Sendable (View) async throws -> Void) async throws -> Void

    package init(
        _ name: String,
        open: @escaping @Sendable (EmbeddedLedger, Folder, @Sendable (View) async throws -> Void) async throws -> Void
    ) {
        self.name = name
        self.open = open
    }

    package var testDescription: String { name }

    package static let inProcess = Face("in process") { embedded, _, body in
        try await body(view(embedded) { try await embedded.administrate($0) })
    }

    /// Two UNIX sockets in the test's folder: `l` for users, `a` for the administrator.
    package static let socket = Face("UNIX socket") { embedded, folder, body in
        let logger = Logger(label: "test")
        let users = try LedgerSocketServer(ledger: embedded, path: folder.path + "/l", logger: logger)
        let administrator = try LedgerSocketServer(
            ledger: embedded, path: folder.path + "/a", face: .administrator, logger: logger)
        let remoteAdministrator = RemoteLedger(path: folder.path + "/a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await users.run() }
            group.addTask { await administrator.run() }
            defer { group.cancelAll() }
            try await body(
                view(RemoteLedger(path: folder.path + "/l")) { try await remoteAdministrator.administrate($0) })
        }
    }

    /// Those that need no connection.
    package static let local = [inProcess, socket]

    private static func view(
        _ ledger: any SignedCallLedger,
        _ administrate: @escaping @Sendable (AdministratorCall) async throws -> CallReceipt
    ) -> View {
        View(ledger: ledger, administrate: administrate) { call, nonce, genesis, key in
            _ = try await ledger.submit(SignedCall(call, nonce: nonce, genesis: genesis, key: key))
        }
    }
}
