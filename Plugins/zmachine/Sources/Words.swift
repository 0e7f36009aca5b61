/// Splits an entrypoint into program and arguments: blanks separate, quotes of both kinds and backslash hold together.
enum Words {
    /// Nil if a quote is not closed.
    static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word: [UInt8] = []
        var isInWord = false
        var quote: UInt8?
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\\") where quote != UInt8(ascii: "'"):
                guard let next = bytes.popFirst() else { return nil }
                // Inside double quotes it only escapes what would end or escape something.
                if quote != nil, next != UInt8(ascii: "\""), next != UInt8(ascii: "\\") { word.append(byte) }
                word.append(next)
                isInWord = true
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if quote == byte {
                    quote = nil
                } else if quote == nil {
                    quote = byte
                    isInWord = true
                } else {
                    word.append(byte)
                }
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                if quote != nil {
                    word.append(byte)
                } else if isInWord {
                    words.append(String(decoding: word, as: UTF8.self))
                    word = []
                    isInWord = false
                }
            default:
                word.append(byte)
                isInWord = true
            }
        }
        guard quote == nil else { return nil }
        if isInWord { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}
