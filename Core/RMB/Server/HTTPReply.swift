import JSON

/// What the server answers over HTTP, in the exact forms of `docs/spec/rmb-direct.md` section 6.
struct HTTPReply: Sendable, Equatable {
    let status: UInt
    let contentType: String
    let body: [UInt8]
    /// Whether the connection ends with this answer.
    var closesConnection = false

    private static let plain = "text/plain; charset=utf-8"
    private static let json = "application/json"

    static let accepted = HTTPReply(
        status: 200, contentType: plain, body: Array("{\"status\": \"accepted\"}".utf8))
    static let notFound = HTTPReply(status: 404, contentType: plain, body: Array("404 page not found\n".utf8))

    /// Status line and headers, up to the empty line.
    func head(keepsAlive: Bool) -> String {
        "HTTP/1.1 \(status) \(reason)\r\nContent-Type: \(contentType)\r\nContent-Length: \(body.count)\r\n"
            + (keepsAlive ? "\r\n" : "Connection: close\r\n\r\n")
    }

    private var reason: String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 413: "Content Too Large"
        case 429: "Too Many Requests"
        case 502: "Bad Gateway"
        default: "Internal Server Error"
        }
    }

    static func queue(_ name: String) -> HTTPReply {
        HTTPReply(status: 200, contentType: plain, body: Array("{\"retqueue\":\"\(name)\"}\n".utf8))
    }

    /// The stored answers, each a JSON text.
    static func results(_ answers: [[UInt8]]) -> HTTPReply {
        let list = [UInt8](answers.joined(separator: [UInt8(ascii: ",")]))
        return HTTPReply(
            status: 200, contentType: json, body: [UInt8(ascii: "[")] + list + Array("]\n".utf8))
    }

    static func refused(_ error: RMBError, isResult: Bool = false) -> HTTPReply {
        let body = "{\"Status\":\"error\",\"Message\":\(JSONValue.string(error.message).text)}\n"
        return HTTPReply(status: error.status, contentType: isResult ? json : plain, body: Array(body.utf8))
    }
}
