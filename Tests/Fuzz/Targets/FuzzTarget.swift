/// A decoder that sees bytes of strangers, with inputs to begin from. The same entry serves libFuzzer and the replay in the tests.
public struct FuzzTarget: Sendable {
    public let name: String
    /// Longer inputs are cut: what is beyond shows nothing new.
    public let maxBytes: Int
    /// Gives the bytes to the decoder. Nil if all is well: refused, or read and consistent; else what is wrong.
    public let run: @Sendable ([UInt8]) -> String?
    /// Real inputs, from the vectors and the files of this repository.
    public let seeds: @Sendable () throws -> [[UInt8]]

    init(
        _ name: String, maxBytes: Int = 64 << 10, seeds: @escaping @Sendable () throws -> [[UInt8]],
        run: @escaping @Sendable ([UInt8]) -> String?
    ) {
        self.name = name
        self.maxBytes = maxBytes
        self.run = run
        self.seeds = seeds
    }

    public static let all: [FuzzTarget] =
        [.json, .schema, .deployment, .rmbMessage, .httpBody, .envelope, .token, .scale, .extrinsic, .metadata, .rpc]
        + [.manifest, .packageList, .object, .frames, .flatList, .tar, .compressedTar, .ociArchive]

    public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}
