import CCrypto
import CSQLite
import CSnappy
import CSodium
import Glibc

/// Packs a flat list and its blocks as the reference does (docs/spec/flist.md sections 2 and 3).
public struct FlatListPacker {
    public struct Piece: Sendable {
        public let id: [UInt8]
        public let key: [UInt8]
        public let encrypted: [UInt8]
    }

    /// Blocks by the hexadecimal form of their ids.
    public private(set) var blocks: [String: [UInt8]] = [:]
    private let pieceSize: Int

    public init(pieceSize: Int = 524_288) { self.pieceSize = pieceSize }

    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        crypto_generichash(&digest, 32, bytes, UInt64(bytes.count), nil, 0)
        return digest
    }

    public static func piece(_ plain: [UInt8]) -> Piece {
        let key = hash(plain)
        var compressed = [CChar](repeating: 0, count: snappy_max_compressed_length(plain.count))
        var length = compressed.count
        _ = plain.withUnsafeBytes {
            snappy_compress($0.bindMemory(to: CChar.self).baseAddress, plain.count, &compressed, &length)
        }
        let encrypted = encrypt(compressed.prefix(length).map { UInt8(bitPattern: $0) }, key: key)
        return Piece(id: hash(encrypted), key: key, encrypted: encrypted)
    }

    public static func encrypt(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: bytes.count)
        var tag = [UInt8](repeating: 0, count: 16)
        var count: Int32 = 0
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, Array(key.prefix(12)))
        EVP_EncryptUpdate(context, &result, &count, bytes, Int32(bytes.count))
        var rest = [UInt8](repeating: 0, count: 16)
        EVP_EncryptFinal_ex(context, &rest, &count)
        EVP_CIPHER_CTX_ctrl(context, 0x10, 16, &tag)
        return result + tag
    }

    public static let schema = """
        CREATE TABLE inode (ino INTEGER PRIMARY KEY AUTOINCREMENT, parent INTEGER, name VARCHAR(255), size INTEGER,
            uid INTEGER, gid INTEGER, mode INTEGER, rdev INTEGER, ctime INTEGER, mtime INTEGER);
        CREATE INDEX parents ON inode (parent); CREATE INDEX names ON inode (name);
        CREATE TABLE extra (ino INTEGER PRIMARY KEY, data VARCHAR(4096));
        CREATE TABLE block (ino INTEGER, id VARCHAR(32), key VARCHAR(32));
        CREATE INDEX block_ino ON block (ino);
        CREATE TABLE tag (key VARCHAR(10) PRIMARY KEY, value VARCHAR(255));
        CREATE TABLE route (start integer, end integer, url VARCHAR(2048));
        """

    /// The bytes of the flat list. Parents come before what is in them.
    /// - Parameter extra: further statements, after the content: what a test wants to be wrong.
    public mutating func pack(_ entries: [FixtureEntry], store: String, extra: [String] = []) -> [UInt8] {
        let time = "0, 1700000000, 1700000000"
        var statements = [Self.schema, "INSERT INTO route VALUES (0, 255, '\(store)')"]
        statements.append("INSERT INTO inode VALUES (1, 0, '/', 0, 0, 0, \(0o040755), \(time))")
        var numbers: [String: Int] = ["": 1]
        for (index, entry) in entries.enumerated() {
            let path = String(decoding: entry.path, as: UTF8.self)
            let slash = path.lastIndex(of: "/")
            let parent = slash.map { String(path[..<$0]) } ?? ""
            let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
            let number = index + 2
            numbers[path] = number
            var (type, size): (UInt32, Int) = (0, 0)
            switch entry.kind {
            case .folder: type = 0o040000
            case .file(let content):
                (type, size) = (0o100000, content.count)
                for start in stride(from: 0, to: content.count, by: pieceSize) {
                    let piece = Self.piece(Array(content[start..<min(start + pieceSize, content.count)]))
                    blocks[Self.hex(piece.id)] = piece.encrypted
                    statements.append(
                        "INSERT INTO block VALUES (\(number), x'\(Self.hex(piece.id))', x'\(Self.hex(piece.key))')")
                }
            case .link(let target), .hardLink(let target):
                (type, size) = (0o120000, target.utf8.count)
                statements.append("INSERT INTO extra VALUES (\(number), x'\(Self.hex(Array(target.utf8)))')")
            case .pipe: type = 0o010000
            case .device: type = 0o020000
            case .socket: type = 0o140000
            }
            statements.append(
                "INSERT INTO inode VALUES (\(number), \(numbers[parent] ?? 0), '\(name)', \(size), \(entry.user), \(entry.group), \(type | entry.mode), 0, \(entry.modified), \(entry.modified))"
            )
        }
        return Self.database(statements + extra)
    }

    /// The file that SQLite makes of the statements.
    public static func database(_ statements: [String]) -> [UInt8] {
        var opened: OpaquePointer?
        guard sqlite3_open(":memory:", &opened) == SQLITE_OK, let opened else { return [] }
        defer { sqlite3_close(opened) }
        sqlite3_exec(opened, "PRAGMA writable_schema=on", nil, nil, nil)
        for statement in statements {
            var message: UnsafeMutablePointer<CChar>?
            if sqlite3_exec(opened, statement, nil, nil, &message) != SQLITE_OK {
                print("fixture: \(message.map { String(cString: $0) } ?? "") in \(statement)")
                return []
            }
        }
        var size: Int64 = 0
        guard let bytes = sqlite3_serialize(opened, "main", &size, 0) else { return [] }
        defer { sqlite3_free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(size)))
    }

    /// Writes the blocks as a `dir://` store has them.
    public func writeStore(_ folder: String) {
        for (name, bytes) in blocks {
            mkdir("\(folder)/\(name.prefix(2))", 0o755)
            FixtureFile.write("\(folder)/\(name.prefix(2))/\(name)", bytes)
        }
    }

    public static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
