import Foundation

/// The folder `PluginSDK`, with which plugins are built and from whose templates projects are written.
struct SDKFolder: Sendable {
    /// Absolute.
    let path: String

    /// `--sdk`, else `$ZOS_SDK`, else that of the source tree that this program was built in, else
    /// `../share/zos/PluginSDK` beside it.
    /// - Throws: `notFound`, `invalid` if what was named is not the kit.
    static func find(
        option: String?, executable: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandError) -> SDKFolder {
        if let given = option ?? environment["ZOS_SDK"].flatMap({ $0.isEmpty ? nil : $0 }) {
            let path = URL(fileURLWithPath: given).standardizedFileURL.path
            guard isSDK(path) else {
                throw CommandError(
                    .invalid, "\(path) is not the plugin kit: it has no ABI/include/zos_plugin.h",
                    hint: "name the folder PluginSDK of the source tree or of the installation")
            }
            return SDKFolder(path: path)
        }
        let own = URL(fileURLWithPath: executable).resolvingSymlinksInPath().deletingLastPathComponent()
        var places = [own.appendingPathComponent("../share/zos/PluginSDK").standardizedFileURL.path]
        var tree = own
        while tree.path != "/" {
            places.append(tree.appendingPathComponent("PluginSDK").path)
            tree.deleteLastPathComponent()
        }
        guard let path = places.first(where: isSDK) else {
            throw CommandError(
                .notFound, "the plugin kit is neither beside \(executable) nor above it",
                hint: "name its folder, PluginSDK, with --sdk or ZOS_SDK")
        }
        return SDKFolder(path: path)
    }

    private static func isSDK(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/ABI/include/zos_plugin.h")
    }

    var header: String { path + "/ABI/include/zos_plugin.h" }
    /// The linker script that lets one symbol out.
    var exports: String { path + "/ABI/plugin.map" }
    func template(_ language: ProjectLanguage) -> String { "\(path)/Templates/\(language.rawValue)" }

    /// The version of the plugin ABI that the header describes.
    /// - Throws: `invalid`.
    func abi() throws(CommandError) -> UInt32 {
        let text = FileManager.default.contents(atPath: header).map { String(decoding: $0, as: UTF8.self) } ?? ""
        for line in text.split(separator: "\n") where line.hasPrefix("#define ZOS_PLUGIN_ABI ") {
            let digits = line.dropFirst("#define ZOS_PLUGIN_ABI ".count).prefix { $0.isASCII && $0.isNumber }
            if let number = UInt32(digits) { return number }
        }
        throw CommandError(.invalid, "\(header) does not say which plugin ABI it describes")
    }
}
