import Contracts
import JSON

/// Somebody who may give a new account what it needs to sign its first calls.
protocol AccountActivation: Sendable {
    /// Asks; the funds come later, if at all.
    func activate(_ account: AccountID) async throws
}

/// Nobody: the operator sends the funds.
struct NoActivation: AccountActivation {
    func activate(_ account: AccountID) async throws {}
}

/// The activation services of a network, asked in turn until one has taken the request.
struct ActivationService: AccountActivation {
    private static let limit = Duration.seconds(10)
    let urls: [String]

    func activate(_ account: AccountID) async throws {
        var failure: WebFailure?
        for url in urls {
            let body: JSONValue = ["substrateAccountID": .string(account.address)]
            let request = WebRequest(url: url, body: Array(body.text.utf8), limit: Self.limit)
            do throws(WebFailure) {
                let answer = try await request.send()
                // 409: it did so before.
                if (200..<300).contains(answer.status) || answer.status == 409 { return }
                failure = WebFailure("\(url) answered \(answer.status)")
            } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
