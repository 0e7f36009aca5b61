import Deployments
import JSON
import Signatures
import Testing
import Versioning

@Suite("Update plans")
struct UpdatePlanTests {
    private func deployment(_ version: UInt32, _ workloads: [Workload]) -> Deployment {
        Deployment(
            version: version, twin: 7, contract: 12, signatureRequirement: .owner(7), workloads: workloads)
    }

    private func workload(_ name: String, _ type: String = "a", version: UInt32 = 0) -> Workload {
        Workload(version: version, name: name, type: type, data: RawJSON(.object([:])))
    }

    private func message(_ old: Deployment, _ new: Deployment) -> String? {
        do throws(DeploymentError) {
            try UpdatePlan(from: old, to: new).check { !$0.utf8.elementsEqual("fixed".utf8) }
            return nil
        } catch {
            return error.message
        }
    }

    @Test("each fault has the grid's text")
    func texts() {
        let old = deployment(4, [workload("x"), workload("y", "fixed")])
        var foreign = deployment(5, [])
        foreign.contract = 13
        #expect(message(old, foreign) == "cannot change deployment or twin id: upgrade validation error")
        #expect(
            message(old, deployment(6, []))
                == "expecting deployment version 5, got 6: upgrade validation error")
        #expect(
            message(old, deployment(5, [workload("z", version: 4)]))
                == "invalid version number for workload 'z' expected '5': upgrade validation error")
        #expect(
            message(old, deployment(5, [workload("x", "b")]))
                == "cannot change workload type 'x': upgrade validation error")
        #expect(
            message(old, deployment(5, [workload("y", "fixed", version: 5)]))
                == "workload 'fixed' does not support upgrade: upgrade validation error")
        #expect(message(old, deployment(5, [workload("y", "fixed")])) == nil)
    }

    @Test("the version wraps")
    func wrap() throws {
        #expect(try UpdatePlan(from: deployment(.max, []), to: deployment(0, [])).steps.isEmpty)
    }

    @Test("removals run first in reverse type order, then the rest in type order, stably")
    func execution() throws {
        let old = deployment(0, [workload("r1", "a"), workload("r2", "b"), workload("r3", "b"), workload("k", "b")])
        let new = deployment(
            1, [workload("n1", "b", version: 1), workload("n2", "a", version: 1), workload("k", "b", version: 1)])
        let plan = try UpdatePlan(from: old, to: new)
        #expect(plan.steps.map(\.id.name) == ["n1", "n2", "k", "r1", "r2", "r3"])
        let order = plan.execution { $0.utf8.elementsEqual("a".utf8) ? 1 : 2 }
        #expect(order.map(\.id.name) == ["r2", "r3", "r1", "n2", "n1", "k"])
    }
}
