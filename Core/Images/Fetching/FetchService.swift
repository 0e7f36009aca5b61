import CFetch
import Glibc
import Unpacking

/// Serves requests for URLs until its caller closes the socket: the only part that has the network, and it reads
/// nothing of what it gets.
public final class FetchService {
    private let socket: PacketSocket
    private let rule: AddressRule
    private let transfers: UnsafeMutableRawPointer
    private var open: [UnsafeMutableRawPointer: Transfer] = [:]

    /// Requests at a time; a caller that asks for more is mistaken.
    static let requestLimit = 64
    private static let connectionsPerServer = 8
    /// Bytes after which the caller is told how far it is.
    private static let tellEvery: UInt64 = 4 << 20

    /// Before the process is restricted: libraries load what they need.
    public static func prepare() { curl_global_init(Int(CURL_GLOBAL_ALL)) }

    public init(_ socket: PacketSocket, rule: AddressRule) throws(ImageError) {
        guard let transfers = curl_multi_init() else { throw ImageError(.unavailable, "no memory for transfers") }
        self.socket = socket
        self.rule = rule
        self.transfers = transfers
        zos_transfers_limit(transfers, Self.connectionsPerServer, Self.requestLimit)
    }

    deinit {
        for (handle, _) in open { curl_multi_remove_handle(transfers, handle) }
        open = [:]
        curl_multi_cleanup(transfers)
    }

    public func run() throws(ImageError) {
        while true {
            var waits = curl_waitfd(fd: socket.number, events: Int16(CURL_WAIT_POLLIN), revents: 0)
            var (count, running): (Int32, Int32) = (0, 0)
            guard curl_multi_poll(transfers, &waits, 1, 1000, &count) == CURLM_OK,
                curl_multi_perform(transfers, &running) == CURLM_OK
            else { throw ImageError(.unavailable, "transfers have stopped") }
            try tell()
            if waits.revents != 0, try !accept() { return }
        }
    }

    /// False when the caller has closed.
    private func accept() throws(ImageError) -> Bool {
        guard let (request, file) = try socket.receive(FetchRequest.self) else { return false }
        guard let file, open.count < Self.requestLimit else {
            try reply(request, .failed(ImageError(.invalid, "a request without a file, or too many of them")))
            return true
        }
        if request.url.hasPrefix("zdb://") {
            try reply(request, .failed(ImageError(.unsupported, "unsupported store \(request.url)")))
            return true
        }
        do throws(ImageError) {
            let transfer = try Transfer(request, into: file, rule: rule)
            guard let handle = transfer.handle, curl_multi_add_handle(transfers, handle) == CURLM_OK else {
                throw ImageError(.unavailable, "\(request.url) cannot be fetched: no memory")
            }
            open[handle] = transfer
        } catch { try reply(request, .failed(error)) }
        return true
    }

    private func tell() throws(ImageError) {
        var handle: UnsafeMutableRawPointer?
        var result: Int32 = 0
        while zos_transfers_ended(transfers, &handle, &result) == 1, let ended = handle {
            guard let transfer = open.removeValue(forKey: ended) else { continue }
            curl_multi_remove_handle(transfers, ended)
            try reply(transfer.request, transfer.outcome(result))
        }
        for transfer in open.values where transfer.received - transfer.told >= Self.tellEvery {
            transfer.told = transfer.received
            try reply(transfer.request, .receiving(transfer.received, of: transfer.announced))
        }
    }

    private func reply(_ request: FetchRequest, _ outcome: FetchReply.Outcome) throws(ImageError) {
        try socket.send(FetchReply(id: request.id, outcome: outcome))
    }
}
