import CHost
import Glibc
import Unpacking

/// Asks a fetcher for blocks, each into a memory file.
final class FetchClient: BlockFetching {
    private let socket: PacketSocket
    private var open: [UInt64: FileHandle] = [:]
    private var last: UInt64 = 0

    private static let secondsPerBlock = 30

    init(_ socket: PacketSocket) { self.socket = socket }

    func start(url: String, limit: Int) throws(ImageError) -> UInt64 {
        let file = FileHandle(taking: try checked(zos_memfd("block"), "make a memory file"))
        last += 1
        try socket.send(
            FetchRequest(id: last, url: url, limit: UInt64(limit), seconds: Self.secondsPerBlock), file.number)
        open[last] = file
        return last
    }

    func next() throws(ImageError) -> (UInt64, Result<[UInt8]?, ImageError>) {
        while let (reply, _) = try socket.receive(FetchReply.self) {
            guard let file = open[reply.id] else { continue }
            switch reply.outcome {
            case .receiving: continue
            case .received:
                open[reply.id] = nil
                do throws(ImageError) {
                    return (reply.id, .success(try file.readAll(atMost: Block.encryptedLimit, name: "a block")))
                } catch { return (reply.id, .failure(error)) }
            case .absent:
                open[reply.id] = nil
                return (reply.id, .success(nil))
            case .failed(let error):
                open[reply.id] = nil
                return (reply.id, .failure(error))
            }
        }
        throw ImageError(.unavailable, "the fetcher has ended")
    }
}
