/// One request that was read completely, and the way to answer it.
struct Exchange: Sendable {
    let path: String
    let body: [UInt8]
    /// Answers; called exactly once, from anywhere.
    let respond: @Sendable (HTTPReply) -> Void
}
