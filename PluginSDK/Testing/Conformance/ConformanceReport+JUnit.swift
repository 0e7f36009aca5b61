extension ConformanceReport {
    /// For build servers: the XML that JUnit made common.
    public var junit: String {
        let total = results.reduce(Duration.zero) { $0 + $1.duration }.tenths
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#,
            #"<testsuite name="\#(Self.escaped("\(plugin) \(version)"))" tests="\#(results.count)" failures="\#(failures)" "#
                + #"skipped="\#(skips)" time="\#(total)">"#,
        ]
        for result in results {
            let head =
                #"  <testcase classname="\#(Self.escaped(plugin))" name="\#(Self.escaped(result.id))" time="\#(result.duration.tenths)""#
            switch result.outcome {
            case .passed: lines.append(head + "/>")
            case .failed(let reason):
                lines.append(head + ">")
                lines.append(
                    #"    <failure message="\#(Self.escaped(result.promise))">\#(Self.escaped(reason))</failure>"#)
                lines.append("  </testcase>")
            case .notApplicable(let reason):
                lines.append(head + ">")
                lines.append(#"    <skipped message="\#(Self.escaped(reason))"/>"#)
                lines.append("  </testcase>")
            }
        }
        lines.append("</testsuite>\n")
        return lines.joined(separator: "\n")
    }

    /// As text or attribute of XML 1.0, which has no way to write most control characters.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n", "\t": escaped += "&#\(scalar.value);"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f || scalar.value & 0xfffe == 0xfffe:
                escaped += "\u{fffd}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
