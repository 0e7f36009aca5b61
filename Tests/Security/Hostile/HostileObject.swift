import Foundation
import Hosting
import Synchronization
import WorkerFixtures
import WorkerSandbox

/// The attacking plugin, compiled once; the moment at which it acts is written into each copy.
enum HostileObject {
    private static let compiled = Mutex<[UInt8]?>(nil)
    private static let idPlace = "test.plugin-00000000"
    private static let momentPlace = "moment:none____________________________"

    static func build(id: String, moment: String) throws -> [UInt8] {
        var bytes = try compiled.withLock { compiled in
            if let bytes = compiled { return bytes }
            let folder = "\(TestObject.repository)/Tests/Security/Hostile/Plugin"
            let sources = ["hostile", "calls", "files", "link", "node", "time"].map { "\(folder)/\($0).c" }
            let bytes = try TestObject.compile(sources, ["-shared", "-fPIC", "-O1", "-Wall", "-Werror"])
            compiled = bytes
            return bytes
        }
        let name = "moment:\(moment)"
        let padded = name + String(repeating: "_", count: max(0, momentPlace.utf8.count - name.utf8.count))
        for (place, text) in [(idPlace, id), (momentPlace, padded)] {
            guard let range = bytes.firstRange(of: Array(place.utf8)), place.utf8.count == text.utf8.count else {
                throw Unusable(text: text)
            }
            bytes.replaceSubrange(range, with: text.utf8)
        }
        return bytes
    }

    struct Unusable: Error { let text: String }
}
