import Glibc
import Unpacking

/// An open file, closed with its last reference.
public final class FileHandle: Sendable {
    public let number: Int32

    /// Takes over `number`, which must be open and nobody else's.
    public init(taking number: Int32) { self.number = number }

    deinit { close(number) }

    /// Its size in bytes.
    func size() throws(ImageError) -> UInt64 {
        var facts = stat()
        try checkedErrno(fstat(number, &facts), "look at a file")
        return UInt64(clamping: facts.st_size)
    }

    /// At most `buffer.count` bytes from `offset` on; 0 at the end.
    func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(ImageError) -> Int {
        guard let position = off_t(exactly: offset) else { throw ImageError(.tooLarge, "a file is too large") }
        while true {
            let count = pread(number, buffer.baseAddress, buffer.count, position)
            if count < 0 && errno == EINTR { continue }
            try checkedErrno(Int32(clamping: count), "read a file")
            return count
        }
    }

    /// The whole content.
    /// - Throws: `tooLarge` beyond `limit` bytes.
    public func readAll(atMost limit: Int, name: String) throws(ImageError) -> [UInt8] {
        let size = try size()
        guard size <= UInt64(limit) else {
            throw ImageError(.tooLarge, "\(name) has \(size) bytes; the most is \(limit)")
        }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        var filled = 0
        while filled < bytes.count {
            let start = filled
            let result: Result<Int, ImageError> = bytes.withUnsafeMutableBytes { all in
                do throws(ImageError) {
                    return .success(try read(UnsafeMutableRawBufferPointer(rebasing: all[start...]), at: UInt64(start)))
                } catch { return .failure(error) }
            }
            let count = try result.get()
            guard count > 0 else { throw ImageError(.corrupt, "\(name) is shorter than its size") }
            filled += count
        }
        return bytes
    }

    /// Writes all bytes from `offset` on.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64, name: @autoclosure () -> String)
        throws(ImageError)
    {
        var done = 0
        while done < bytes.count {
            guard let position = off_t(exactly: offset + UInt64(done)) else {
                throw ImageError(.tooLarge, "\(name()) is too large")
            }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(number, rest.baseAddress, rest.count, position)
            if count < 0 && errno == EINTR { continue }
            try checkedErrno(Int32(clamping: count), "write \(name())")
            done += count
        }
    }
}
