import JSON
import Testing

@testable import Client

@Suite("Node client")
struct NodeClientTests {
    @Test("free ports are those that nobody took")
    func freePorts() async throws {
        try await ClientFixture.with { fixture in
            let ports = try await fixture.client.freePorts(3)
            #expect(ports == [1025, 1027, 1028])
        }
    }

    @Test("no public configuration is nil, other refusals are errors with the node's text")
    func publicConfig() async throws {
        try await ClientFixture.with { fixture in
            let config = try await fixture.client.publicConfig()
            #expect(config == nil)
            let error = await failure { try await fixture.client.version() }
            #expect(error?.code == .refused && error?.message == "function is not found")
        }
    }

    @Test("waiting ends at the deadline, naming what is missing")
    func deadline() async throws {
        try await ClientFixture.with { fixture in
            let error = await failure {
                try await fixture.client.wait(
                    for: [WorkloadGoal("a", .running(version: 0))], contract: 1, deadline: .milliseconds(100))
            }
            #expect(error?.code == .timedOut && error?.message.contains("still waiting for a") == true)
        }
    }

    @Test("waiting ends when its task is cancelled")
    func cancellation() async throws {
        try await ClientFixture.with { fixture in
            let client = fixture.client
            let task = Task {
                await failure {
                    try await client.wait(
                        for: [WorkloadGoal("a", .removed)], contract: 1, deadline: .seconds(600))
                }
            }
            task.cancel()
            #expect(await task.value?.code == .cancelled)
        }
    }

    @Test("a node that is away for a moment is asked again")
    func outage() async throws {
        try await ClientFixture.with { fixture in
            let deployment = try await fixture.builder.deploy(ClientFixture.description(("a", "x")))
            fixture.node.state.withLock { $0.outages = 1 }
            try await fixture.client.wait(
                for: [WorkloadGoal("a", .running(version: 0))], contract: deployment.contract, deadline: .seconds(10))
        }
    }
}

@Suite("Deployment description")
struct DeploymentDescriptionTests {
    @Test("names go into the metadata where the grid's tools look, objects become text")
    func metadata() throws {
        let workload: JSONValue = ["name": "a", "type": "t", "data": [:]]
        let named = try DeploymentDescription(["name": "shop", "workloads": [workload]])
        #expect(named.metadata == #"{"name":"shop"}"#)
        let given = try DeploymentDescription(["metadata": ["x": 1], "workloads": [workload]])
        #expect(given.metadata == #"{"x":1}"#)
    }

    @Test(
        "what is missing, mistyped or unknown is named",
        arguments: [
            ("[]", "the deployment must be an object"), ("{}", "workloads"), (#"{"workloads":[]}"#, "workloads"),
            (#"{"workloads":[{}]}"#, "workload 1 has no name"),
            (#"{"workloads":[{"name":"a"}]}"#, "workload 'a' has no type"),
            (#"{"workloads":[{"name":"a","type":"t"}]}"#, "workload 'a' has no data"),
            (#"{"workloads":[{"name":"a","type":"t","data":null}]}"#, "workload 'a' has no data"),
            (#"{"workload":[]}"#, "unknown member 'workload'"),
            (#"{"public_ips":-1,"workloads":[{"name":"a","type":"t","data":{}}]}"#, "public_ips"),
            (#"{"name":1,"workloads":[{"name":"a","type":"t","data":{}}]}"#, "name of the deployment must be text"),
        ])
    func faults(text: String, part: String) throws {
        let value = try JSONValue(parsing: text)
        let error = #expect(throws: ClientError.self) { try DeploymentDescription(value) }
        #expect(error?.message.contains(part) == true)
    }
}
