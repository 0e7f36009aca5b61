import JSON
import WorkerSandbox

/// One running worker, for as long as it runs.
public struct WorkerSession: Sendable {
    let link: WorkerLink
    let plan: WorkerPlan

    /// Asks the plugin; see `PluginWorker.request`.
    public func request(
        _ operation: PluginOperation, payload: JSONValue, descriptors: [OwnedDescriptor] = [], deadline: Duration? = nil
    ) async throws(HostingError) -> (JSONValue, [OwnedDescriptor]) {
        let bytes = Array(payload.text.utf8)
        guard bytes.count <= Message.limit else {
            throw HostingError(
                .invalid, "the request to plugin \(plan.plugin) has \(bytes.count) bytes, 4 MiB is the limit")
        }
        let reply: WorkerReply
        do throws(WorkerFailure) {
            reply = try await link.request(
                operation, payload: bytes, descriptors: descriptors, subject: operation.subject(of: payload),
                within: deadline ?? plan.deadline(of: operation))
        } catch {
            throw error.requestError
        }
        let content = try parse(reply, operation)
        guard reply.status != 0 else { return (content, reply.descriptors) }
        throw try refusal(reply.status, content)
    }

    private func parse(_ reply: WorkerReply, _ operation: PluginOperation) throws(HostingError) -> JSONValue {
        do {
            return reply.payload.isEmpty ? [:] : try JSONValue(parsing: reply.payload)
        } catch {
            throw violation("answered \(operation) with a text that is no JSON: \(error)")
        }
    }

    private func refusal(_ status: Int32, _ content: JSONValue) throws(HostingError) -> HostingError {
        guard let status = PluginStatus(rawValue: status) else {
            throw violation("answered with the unknown status \(status)")
        }
        let message =
            content["message"]?.stringValue.map { PlainText.line($0) } ?? "plugin \(plan.plugin) gave no reason"
        switch status {
        case .ok, .failed: return HostingError(.operationFailed, message)
        case .invalid: return HostingError(.invalid, message)
        case .unsupported: return HostingError(.unsupported, message)
        case .denied: return HostingError(.denied, message)
        case .unavailable: return HostingError(.unavailable, message, isRetryable: true)
        }
    }

    private func violation(_ what: String) -> HostingError {
        let failure = WorkerFailure(.protocolViolation, "plugin \(plan.plugin) \(what)")
        link.end(failure)
        return failure.requestError
    }
}
