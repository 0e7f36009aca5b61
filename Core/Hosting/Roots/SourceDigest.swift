import CSodium
import Glibc

/// SHA-256 of a file that has been fetched.
enum SourceDigest {
    static func of(_ file: OwnedDescriptor) throws(HostingError) -> [UInt8] {
        var state = crypto_hash_sha256_state()
        crypto_hash_sha256_init(&state)
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var offset: off_t = 0
        while true {
            let count = pread(file.number, &chunk, chunk.count, offset)
            if count < 0 && errno == EINTR { continue }
            try checkedErrno(Int32(clamping: count), "read what was fetched")
            if count == 0 { break }
            crypto_hash_sha256_update(&state, chunk, UInt64(count))
            offset += off_t(count)
        }
        var digest = [UInt8](repeating: 0, count: 32)
        crypto_hash_sha256_final(&state, &digest)
        return digest
    }
}
