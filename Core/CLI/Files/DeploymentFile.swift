import Client
import Foundation
import JSON

/// A deployment as people write it, in YAML or JSON:
///
///     name: hello
///     workloads:
///       - name: greeting
///         type: echo
///         data: {text: hi}
///
/// `metadata` and `description` are optional everywhere, `public_ips` sets how many public IPv4 addresses to reserve.
enum DeploymentFile {
    /// Larger files are no deployments.
    private static let maxBytes = 4 << 20

    /// - Parameters:
    ///   - path: `-` for standard input.
    ///   - name: what the deployment is called if the file does not say; nil for the file's own name.
    static func read(_ path: String, name: String? = nil) throws(CommandError) -> DeploymentDescription {
        let bytes =
            path == "-"
            ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: path)
        guard let bytes else {
            throw CommandError(.invalid, "\(path) cannot be read", hint: "name a deployment file with -f")
        }
        guard bytes.count <= maxBytes, let text = String(bytes: bytes, encoding: .utf8) else {
            throw CommandError(.invalid, "\(path) is no text of at most \(maxBytes) bytes")
        }
        do {
            return try description(try value(of: text), fallbackName: name ?? Self.name(of: path))
        } catch {
            throw CommandError(error.kind, "\(path): \(error.message)", hint: error.hint)
        }
    }

    static func value(of text: String) throws(CommandError) -> JSONValue {
        // JSON first: YAML takes JSON too, but not with its exact rules.
        if let json = try? JSONValue(parsing: text) { return json }
        if text.utf8.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
            do {
                return try JSONValue(parsing: text)
            } catch {
                throw CommandError(.invalid, "the file is no JSON: \(error)")
            }
        }
        return try YAMLText.value(of: text)
    }

    static func description(_ value: JSONValue, fallbackName: String) throws(CommandError) -> DeploymentDescription {
        guard var object = value.objectValue else { throw CommandError(.invalid, "a deployment file is a table") }
        // Without a name a deployment could only be found by its contract.
        if object["name"]?.isNull ?? true { object["name"] = .string(fallbackName) }
        do {
            return try DeploymentDescription(.object(object))
        } catch {
            throw CommandError(error)
        }
    }

    private static func name(of path: String) -> String {
        URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }
}
