/// An answer over plain HTTP.
struct DoorReply: Sendable, Equatable {
    let status: UInt
    let body: String
    var contentType = "text/plain; charset=utf-8"

    init(_ status: UInt, _ body: String) {
        self.status = status
        self.body = body
    }

    static let notFound = DoorReply(404, "page not found")
    static let busy = DoorReply(503, "the relay is busy, try again")
}
