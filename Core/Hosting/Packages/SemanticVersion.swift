/// A version by semver.org 2.0.0. Build metadata is kept in the text and means nothing in comparisons.
public struct SemanticVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    private enum Identifier: Sendable, Hashable {
        case number(UInt64)
        case text([UInt8])
    }
    /// Longest text that is read.
    private static let longest = 128

    /// As it was written.
    public let text: String
    private let core: [UInt64]
    private let prerelease: [Identifier]

    /// - Throws: `badManifest`.
    public init(parsing text: String) throws(HostingError) {
        let error = HostingError(
            .badManifest, "a version has to be three numbers such as 1.4.0, with -pre-release or +build at most")
        guard text.utf8.count <= Self.longest else { throw error }
        let withoutBuild = text.utf8.split(separator: UInt8(ascii: "+"), omittingEmptySubsequences: false)
        guard withoutBuild.count <= 2, let main = withoutBuild.first else { throw error }
        if withoutBuild.count == 2 {
            guard Self.parts(withoutBuild[1]).allSatisfy(Self.isIdentifier) else { throw error }
        }
        let hyphen = main.firstIndex(of: UInt8(ascii: "-"))
        let numbers = Self.parts(main[..<(hyphen ?? main.endIndex)]).map(Self.number)
        core = numbers.compactMap { $0 }
        guard numbers.count == 3, core.count == 3 else { throw error }
        var identifiers: [Identifier] = []
        if let hyphen {
            for part in Self.parts(main[main.index(after: hyphen)...]) {
                guard Self.isIdentifier(part) else { throw error }
                guard part.allSatisfy(Self.isDigit) else {
                    identifiers.append(.text(Array(part)))
                    continue
                }
                guard let number = Self.number(part) else { throw error }
                identifiers.append(.number(number))
            }
        }
        prerelease = identifiers
        self.text = text
    }

    public var description: String { text }

    public static func == (left: SemanticVersion, right: SemanticVersion) -> Bool {
        left.core == right.core && left.prerelease == right.prerelease
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(core)
        hasher.combine(prerelease)
    }

    public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        if left.core != right.core { return left.core.lexicographicallyPrecedes(right.core) }
        if left.prerelease.isEmpty || right.prerelease.isEmpty {
            return !left.prerelease.isEmpty && right.prerelease.isEmpty
        }
        return left.prerelease.lexicographicallyPrecedes(right.prerelease) { left, right in
            switch (left, right) {
            case (.number(let left), .number(let right)): left < right
            case (.number, .text): true
            case (.text, .number): false
            case (.text(let left), .text(let right)): left.lexicographicallyPrecedes(right)
            }
        }
    }

    private static func parts(_ text: Substring.UTF8View) -> [Substring.UTF8View] {
        text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isIdentifier(_ text: Substring.UTF8View) -> Bool {
        !text.isEmpty
            && text.allSatisfy { byte in
                isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) && byte >= 0x40
                    || byte == UInt8(ascii: "-")
            }
    }

    /// Digits without a leading zero that fit.
    private static func number(_ text: Substring.UTF8View) -> UInt64? {
        guard !text.isEmpty, text.allSatisfy(isDigit), text.count == 1 || text.first != UInt8(ascii: "0") else {
            return nil
        }
        return UInt64(Substring(text))
    }
}
