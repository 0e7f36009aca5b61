import JSON

extension NodeConfiguration {
    /// Reads `[images]`.
    static func images(_ value: JSONValue) throws(NodeError) -> ImageChoices {
        var choices = ImageChoices()
        for (key, value) in try table("images", value) {
            let name = "images.\(key)"
            switch key {
            case "enabled": choices.isEnabled = try truth(name, value)
            case "cache_size": choices.cacheSize = try number(name, value)
            case "max_root_size": choices.rootSize = try number(name, value)
            case "private_addresses": choices.allowsPrivateAddresses = try truth(name, value)
            default:
                throw NodeError(
                    .badConfiguration, "the configuration has no member '\(name)'", hint: "see docs/images.md")
            }
        }
        return choices
    }
}
