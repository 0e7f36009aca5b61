import Deployments
import JSON

/// A stored deployment: what was accepted last, and its workloads as they are now, in list order.
public struct DeploymentRecord: Sendable {
    public let key: DeploymentKey
    /// The accepted request, byte for byte: what was hashed and signed.
    public var accepted: [UInt8]
    /// The same, read.
    public var deployment: Deployment
    /// The challenge's hash, lower-case hex.
    public var hash: String
    /// Public addresses of the contract: `{"ip", "gateway"}`.
    public var reserved: [JSONValue]
    /// The rent contract that the node had when this version was accepted; nil if nobody had rented it.
    public var rentContract: UInt64?
    /// Unix seconds.
    public var created: Int64
    public var workloads: [WorkloadRecord]

    public var version: UInt32 { deployment.version }

    /// Whether a workload is neither failed nor removed.
    public var isActive: Bool { workloads.contains { $0.state != .error && $0.state != .deleted } }

    public func workload(_ name: String) -> WorkloadRecord? {
        workloads.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// The deployment as clients read it (docs/spec/deployment.md section 3): the accepted envelope, the workloads as they are.
    public var wireText: String { wireText { _ in nil } }

    /// The same, with the last word of its plugin as the message of each workload that is not there yet.
    func wireText(progress: (String) -> String?) -> String {
        var shell = deployment
        shell.workloads = []
        shell.unsetLists.remove(.workloads)
        let text = shell.json
        let list = workloads.filter(\.isActive).map { workload in
            guard workload.state == .initial, let message = progress(workload.name) else { return workload.wireText }
            var shown = workload
            shown.message = message
            return shown.wireText
        }.joined(separator: ",")
        // `workloads` is the last member of the envelope, and empty here.
        return text.hasSuffix("[]}") ? "\(text.dropLast(2))\(list)]}" : text
    }
}
