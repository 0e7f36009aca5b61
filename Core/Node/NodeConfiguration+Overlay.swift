import JSON
import Overlay

extension NodeConfiguration {
    /// Reads `[yggdrasil]`; nil unless it is enabled.
    static func overlay(_ value: JSONValue) throws(NodeError) -> OverlaySettings? {
        var settings = OverlaySettings()
        var isEnabled = false
        guard let members = value.objectValue?.members else { throw wrong("yggdrasil", "a table") }
        for member in members {
            let name = "yggdrasil.\(member.key)"
            switch member.key {
            case "enabled": isEnabled = try truth(name, member.value)
            case "peers": settings.peers = try texts(name, member.value)
            case "listen": settings.listen = try texts(name, member.value)
            case "program": settings.program = try text(name, member.value)
            case "interface":
                settings.interface = try text(name, member.value)
                guard (1...15).contains(settings.interface.utf8.count) else { throw wrong(name, "1 to 15 bytes") }
            default:
                throw NodeError(
                    .badConfiguration, "the configuration has no member '\(name)'", hint: "see docs/overlay.md")
            }
        }
        return isEnabled ? settings : nil
    }
}
