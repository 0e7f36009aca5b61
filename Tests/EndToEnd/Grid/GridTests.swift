import TestNode
import Testing

@Suite("Two nodes and a user", .serialized)
struct GridTests {
    @Test(
        "one network spans an access node, a hidden node and the user's computer, and what is on it reaches all the rest"
    )
    func network() async throws {
        try await Grid.with { grid in
            for node in [grid.first, grid.second] { try await node.waitForPlugin("org.zos.network", "ready") }
            let network = try await SpanningNetwork(grid)
            try await network.deploy()
            let here = try await network.machine("m1", on: grid.first, "10.20.1.2", gateway: "10.20.1.1")
            let there = try await network.machine("m2", on: grid.second, "10.20.2.2", gateway: "10.20.2.1")
            try await network.connectUser()
            for (from, to, what) in [
                (here, "10.20.2.2", "the access node's machine reaches the hidden node's"),
                (there, "10.20.1.2", "the hidden node's machine reaches the access node's"),
                (grid.userSpace, "10.20.2.2", "the user's computer reaches the hidden node's machine"),
                (there, "100.64.20.9", "the hidden node's machine reaches the user's computer"),
            ] {
                try await eventually(what) { try await network.reaches(from, to) }
            }
        }
    }
}
