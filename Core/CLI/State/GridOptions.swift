import ArgumentParser

/// Options that name a node of a network instead of a development node's folder.
struct GridOptions: ParsableArguments {
    @Option(help: "A node of this network: development, testing, qa, production, or embedded with --ledger.")
    var network: String?

    @Option(help: "The node's twin on the network.")
    var nodeTwin: UInt32?

    @Option(help: "File (0600) with the secret phrase of the user's account; else $ZOS_KEY.")
    var key: String?

    @Option(help: "Scheme of the account's key: ed25519 or sr25519.")
    var scheme = "sr25519"

    @Option(help: "The network's ledger: the socket of an embedded one, or a chain endpoint instead of the network's.")
    var ledger: String?

    @Option(help: "A relay, ws://host:port or wss://host, instead of the network's. Repeatable.")
    var relay: [String] = []

    @Option(help: "Where a twin's bus listens, TWIN=ip:port. Repeatable.")
    var peer: [String] = []
}
