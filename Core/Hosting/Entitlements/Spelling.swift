/// Finds what somebody may have meant.
enum Spelling {
    /// A hint for an unknown name: the nearest one, else all of them.
    static func hint(for name: String, among known: [String]) -> String {
        if let nearest = nearest(to: name, among: known) { return "did you mean \"\(nearest)\"?" }
        return "known are " + known.joined(separator: ", ")
    }

    /// The name with the fewest changed letters; nil if none is near.
    static func nearest(to name: String, among known: [String]) -> String? {
        let wanted = Array(name.utf8.prefix(64))
        let found = known.map { ($0, distance(wanted, Array($0.utf8))) }.min { $0.1 < $1.1 }
        guard let (candidate, changes) = found, changes <= max(2, candidate.utf8.count / 3) else { return nil }
        return candidate
    }

    /// Letters to insert, remove or replace.
    private static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var row = Array(0...second.count)
        for (index, byte) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in second.enumerated() {
                let replaced = diagonal + (byte == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[second.count]
    }
}
