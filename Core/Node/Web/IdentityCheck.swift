import JSON
import Logging
import Provisioning

/// Asks the network's service whether a user's identity is verified (docs/spec/tfchain.md section 15, docs/spec/node-api.md section 3).
struct IdentityCheck: OwnerCheck {
    static let attempts = 5
    static let limit = Duration.seconds(10)
    private static let verified = "VERIFIED"

    /// Base of the service's address, `https://…` without path.
    let service: String
    var limit = IdentityCheck.limit
    /// Waits before each further try.
    var pauses: [Duration] = [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)]
    let log: Logger

    func check(_ twin: UInt32) async throws(Refusal) {
        let base = service.hasSuffix("/") ? String(service.dropLast()) : service
        let request = WebRequest(url: "\(base)/api/v1/status?twin_id=\(twin)", limit: limit)
        for attempt in 0..<Self.attempts {
            do {
                if attempt > 0, attempt <= pauses.count { try await Task.sleep(for: pauses[attempt - 1]) }
                let answer = try await request.send()
                guard let status = Self.status(answer) else {
                    throw WebFailure("\(request.url) answered \(answer.status) without a status")
                }
                guard status == Self.verified else {
                    throw Refusal(.unverified, "user with twin id \(twin) is not verified")
                }
                return
            } catch let refusal as Refusal {
                throw refusal
            } catch {
                log.warning(
                    "identity not checked",
                    metadata: ["twin": "\(twin)", "attempt": "\(attempt + 1)", "error": "\(error)"])
            }
            if Task.isCancelled { break }
        }
        throw Refusal(.unavailable, "failed to get twin verification status")
    }

    /// `{"result": {"status": text}}` of an answer that is one.
    private static func status(_ answer: WebRequest.Answer) -> String? {
        guard answer.status == 200, let json = try? JSONValue(parsing: answer.body, mode: .lenient) else {
            return nil  // Whatever is wrong with it, it says nothing about the user.
        }
        return json["result"]?["status"]?.stringValue
    }
}
