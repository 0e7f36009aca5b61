import Deployments
import JSON
import Signatures

/// One twin with its signed deployments, each of one workload.
struct DeploymentClient: Sendable {
    let twin: UInt32
    let key = KeyPair.generate(scheme: .ed25519)
    var texts: [[UInt8]] = []
    /// By contract.
    var hashes: [(UInt64, String)] = []

    init(twin: UInt32, deployments: Int, type: String, data: JSONValue) throws {
        self.twin = twin
        for number in 0..<deployments {
            let contract = UInt64(twin) * 1000 + UInt64(number)
            var deployment = try Deployment(parsing: Self.text(twin, contract, type, data), policy: .received)
            let challenge = try deployment.challenge()
            deployment.signatureRequirement.sign(hash: challenge.hash, as: twin, with: key)
            texts.append(Array(deployment.json.utf8))
            hashes.append((contract, challenge.hex))
        }
    }

    private static func text(_ twin: UInt32, _ contract: UInt64, _ type: String, _ data: JSONValue) -> [UInt8] {
        let json: JSONValue = [
            "version": 0, "twin_id": .number(JSONNumber(twin)), "contract_id": .number(JSONNumber(contract)),
            "metadata": "", "description": "", "expiration": 0,
            "signature_requirement": [
                "requests": [["twin_id": .number(JSONNumber(twin)), "required": false, "weight": 1]],
                "weight_required": 1, "signatures": [], "signature_style": "",
            ],
            "workloads": [
                [
                    "version": 0, "name": "one", "type": .string(type), "data": data, "metadata": "",
                    "description": "",
                ]
            ],
        ]
        return Array(json.text.utf8)
    }
}
