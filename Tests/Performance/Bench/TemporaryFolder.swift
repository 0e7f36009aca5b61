import Foundation

/// A folder that is gone afterwards.
enum TemporaryFolder {
    static func with<Value>(_ name: String, _ body: (String) async throws -> Value) async throws -> Value {
        let path = NSTemporaryDirectory() + "zos-bench-\(getpid())-\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        do {
            let value = try await body(path)
            try FileManager.default.removeItem(atPath: path)
            return value
        } catch {
            try? FileManager.default.removeItem(atPath: path)  // The first failure is the one to tell.
            throw error
        }
    }
}
