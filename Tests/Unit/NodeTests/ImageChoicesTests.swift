import Testing

@testable import Node

@Suite("Choices about roots")
struct ImageChoicesTests {
    @Test("roots are fetched from public servers unless the operator says otherwise")
    func reading() throws {
        #expect(try NodeConfiguration(toml: "").images == ImageChoices())
        #expect(!ImageChoices().allowsPrivateAddresses)
        let images = try NodeConfiguration(
            toml: "images = { enabled = false, cache_size = 5, max_root_size = 4, private_addresses = true }"
        ).images
        #expect(!images.isEnabled && images.cacheSize == 5 && images.rootSize == 4 && images.allowsPrivateAddresses)
    }

    @Test(
        "what is wrong is named",
        arguments: ["enabled = 1", "cache_size = -1", "private_addresses = \"no\"", "size = 4"])
    func wrong(line: String) {
        let error = #expect(throws: NodeError.self) { try NodeConfiguration(toml: "[images]\n" + line) }
        #expect(error?.code == .badConfiguration)
        #expect(error?.message.contains("images") == true)
    }
}
