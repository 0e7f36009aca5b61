import Foundation
import Hosting
import JSON
import Schema
import Testing

@Suite("Manifests of this repository")
struct BuiltInManifestTests {
    private static let root = URL(filePath: #filePath).appending(path: "../../../../..").standardized

    @Test(
        "the node reads the plugins' manifests, and their schemas and companions are ones it can serve",
        arguments: [
            "Plugins/network", "Plugins/zmount", "Plugins/publicip", "Plugins/zmachine", "Samples/echo",
            "Samples/volume", "Samples/keyvalue",
        ])
    func manifests(_ folder: String) throws {
        let folder = Self.root.appending(path: folder)
        let manifest = try Manifest(parsing: Array(Data(contentsOf: folder.appending(path: "plugin.json"))))
        for type in manifest.types {
            let schema = try Data(contentsOf: folder.appending(path: type.schema))
            _ = try Schema(compiling: try JSONValue(parsing: Array(schema)))
        }
        for companion in manifest.companions {
            #expect(access(companion.program, X_OK) == 0, "\(companion.program) is missing")
        }
    }
}
