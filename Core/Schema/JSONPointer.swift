/// The text form of RFC 6901.
enum JSONPointer {
    /// One part of a pointer.
    static func escaped(_ part: String) -> String {
        var output = ""
        for scalar in part.unicodeScalars {
            switch scalar {
            case "~": output += "~0"
            case "/": output += "~1"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
