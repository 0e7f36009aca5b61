import CArchive
import Glibc
import Unpacking

/// What libarchive reads: a file, hashed as it goes by, so that what is verified is what was unpacked.
final class ArchiveSource {
    private let file: FileHandle
    private var offset: UInt64 = 0
    private var digest = Digest()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    private(set) var failure: ImageError?

    init(_ file: FileHandle) { self.file = file }

    deinit { buffer.deallocate() }

    /// Whether the file begins with these bytes.
    func starts(with mark: [UInt8]) throws(ImageError) -> Bool {
        let count = try file.read(UnsafeMutableRawBufferPointer(rebasing: buffer[..<mark.count]), at: 0)
        return count == mark.count && buffer[..<count].elementsEqual(mark)
    }

    /// The next bytes; none at the end or after an error.
    func next() -> UnsafeRawBufferPointer {
        do throws(ImageError) {
            let count = try file.read(buffer, at: offset)
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            digest.update(bytes)
            offset += UInt64(count)
            return bytes
        } catch {
            failure = error
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
    }

    /// SHA-256 of the whole file: what the archive's reader left is read too.
    func finish() throws(ImageError) -> [UInt8] {
        while !next().isEmpty {}
        if let failure { throw failure }
        return digest.finish()
    }
}
