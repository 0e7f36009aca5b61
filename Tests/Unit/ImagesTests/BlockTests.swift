import ImageFixtures
import Testing
import Unpacking

@testable import Images

@Suite("Blocks of flat lists")
struct BlockTests {
    private func bytes(_ hex: String) throws -> [UInt8] {
        try #require(
            stride(from: 0, to: hex.utf8.count, by: 2).map { index in
                UInt8(String(Array(hex)[index...index + 1]), radix: 16)
            } as? [UInt8])
    }

    private let plain = Array("some random data to store".utf8)

    @Test("the known answer of the specification opens")
    func knownAnswer() throws {
        let block = try Block(
            id: bytes("d9a070eafd4626be8b079980dbc0a2ed7c3355cd600b70ad6408467281af5ab7"),
            key: bytes("b83d15e3b4175fe39f3e86c7b3ed233167c37d779970e6137e7a8d1ddf865fae"))
        let encrypted = try bytes(
            "7508d3d12088d6cc278f83f68c9199e36c733bf3a0727d15014e0e986fface81e714cc33e977ef6f4f2f51")
        #expect(try block.open(encrypted) == plain)
        let packed = FlatListPacker.piece(plain)
        #expect(packed.encrypted == encrypted)
        #expect(packed.id == block.id)
    }

    private func refusal(_ block: Block, _ encrypted: [UInt8]) -> String {
        do throws(ImageError) {
            _ = try block.open(encrypted)
            return "opened"
        } catch { return error.code == .corrupt ? error.message : "\(error.code)" }
    }

    @Test("an encrypted block with another hash than its id is refused")
    func wrongID() throws {
        let piece = FlatListPacker.piece(plain)
        var encrypted = piece.encrypted
        encrypted[3] ^= 1
        #expect(refusal(try Block(id: piece.id, key: piece.key), encrypted).contains("not what its name says"))
    }

    @Test("a block whose tag differs is refused")
    func wrongTag() throws {
        let piece = FlatListPacker.piece(plain)
        var encrypted = piece.encrypted
        encrypted[encrypted.count - 1] ^= 1
        let block = try Block(id: FlatListPacker.hash(encrypted), key: piece.key)
        #expect(refusal(block, encrypted).contains("the tag differs"))
    }

    @Test("content with another hash than its key is refused")
    func wrongContent() throws {
        let key = FlatListPacker.hash(Array("other".utf8))
        let encrypted = FlatListPacker.encrypt([1, 0, 65], key: key)
        let block = try Block(id: FlatListPacker.hash(encrypted), key: key)
        #expect(refusal(block, encrypted).contains("other content than its key says"))
    }

    @Test(
        "a length of more than 1 MiB is refused before anything is unpacked",
        arguments: [[0x81, 0x80, 0x40], [0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff], []]
            as [[UInt8]])
    func hugeLength(start: [UInt8]) throws {
        let key = FlatListPacker.hash([1])
        let encrypted = FlatListPacker.encrypt(start + [0, 65], key: key)
        let block = try Block(id: FlatListPacker.hash(encrypted), key: key)
        let text = refusal(block, encrypted)
        #expect(text.contains("unpacks to no length") || text.contains("does not decompress"))
    }

    @Test("copies that reach outside of the piece are refused")
    func wildCopy() throws {
        let key = FlatListPacker.hash([1])
        // 64 bytes, of which a copy from before the beginning.
        let encrypted = FlatListPacker.encrypt([64, 0xfe, 0xff, 0xff], key: key)
        let block = try Block(id: FlatListPacker.hash(encrypted), key: key)
        #expect(refusal(block, encrypted).contains("does not decompress"))
    }

    @Test("truncated blocks are refused at every length")
    func truncated() throws {
        let piece = FlatListPacker.piece(plain)
        for count in 0..<piece.encrypted.count {
            let cut = Array(piece.encrypted[..<count])
            #expect(refusal(try Block(id: piece.id, key: piece.key), cut) != "opened")
            // With a fitting name too: then the tag is missing.
            #expect(refusal(try Block(id: FlatListPacker.hash(cut), key: piece.key), cut) != "opened")
        }
        #expect(throws: ImageError.self) { try Block(id: [1], key: piece.key) }
    }

    @Test("what a store gives beyond the limit is refused")
    func oversize() throws {
        let encrypted = [UInt8](repeating: 1, count: Block.encryptedLimit + 1)
        let block = try Block(id: FlatListPacker.hash(encrypted), key: FlatListPacker.hash([1]))
        #expect(refusal(block, encrypted).contains("larger than"))
    }
}
