import Glibc
import JSON

/// The append-only log of what was installed, loaded, refused and removed: one JSON object per line.
struct PackageLog: Sendable {
    enum Event: String, Sendable { case install, load, refusal, removal }

    let path: String
    let now: @Sendable () -> Int64

    func append(_ event: Event, plugin: String, package: PluginPackage) throws(HostingError) {
        try append(
            event, plugin,
            [
                ("version", .string(package.manifest.version.text)), ("digest", .string(package.digestText)),
                ("publisher", .string(package.publisher.name)), ("key", .string(package.publisher.key.base64)),
            ])
    }

    func append(_ event: Event, plugin: String, reason: HostingError) throws(HostingError) {
        try append(
            event, plugin, [("code", .string(reason.code.rawValue)), ("reason", .string(reason.message))])
    }

    func append(_ event: Event, plugin: String) throws(HostingError) { try append(event, plugin, []) }

    private func append(
        _ event: Event, _ plugin: String, _ members: [(String, JSONValue)]
    ) throws(HostingError) {
        var line = JSONObject(
            dictionaryLiteral: ("time", .number(JSONNumber(now()))), ("event", .string(event.rawValue)),
            ("plugin", .string(plugin)))
        for (key, value) in members { line[key] = value }
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let file = OwnedDescriptor(taking: try checkedErrno(open(path, flags, 0o600), "write \(path)"))
        try SmallFile.write(file.number, Array("\(JSONValue.object(line).text)\n".utf8), "write \(path)")
        try checkedErrno(fsync(file.number), "write \(path)")
    }
}
