import CCurl
import Glibc
import Hosting
import Synchronization

/// Why a web service gave no answer.
struct WebFailure: Error, Sendable, CustomStringConvertible {
    let message: String
    init(_ message: String) { self.message = message }
    var description: String { message }
}

/// One question to a web service, by libcurl on a thread of its own. Only HTTP and HTTPS, certificates checked, no redirects.
struct WebRequest: Sendable {
    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
    }

    /// Answers of services that nodes ask are a few hundred bytes.
    private static let mostBytes = 64 << 10
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    let url: String
    /// With one, it is a POST of JSON.
    var body: [UInt8]?
    /// For everything from the name's look-up to the last byte.
    let limit: Duration

    /// - Throws: `WebFailure` without an answer in time; an answer of whatever status is none.
    func send() async throws(WebFailure) -> Answer {
        let transfer = WebTransfer(mostBytes: Self.mostBytes)
        do {
            return try await withTaskCancellationHandler {
                try await OwnThread.run { try perform(transfer) }
            } onCancel: {
                transfer.cancel()
            }
        } catch let failure as WebFailure {
            throw failure
        } catch {
            throw WebFailure("\(url) cannot be asked: \(error)")
        }
    }

    private func perform(_ transfer: WebTransfer) throws -> Answer {
        guard Self.isReady, let handle = curl_easy_init() else { throw WebFailure("libcurl cannot be used") }
        defer { curl_easy_cleanup(handle) }
        // SAFETY: `transfer` outlives the call of curl_easy_perform, which alone uses the pointer.
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        let milliseconds = Int(limit / .milliseconds(1))
        var headers: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(headers) }
        var outcomes = [
            zos_curl_text(handle, CURLOPT_URL, url), zos_curl_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
            zos_curl_number(handle, CURLOPT_NOSIGNAL, 1), zos_curl_number(handle, CURLOPT_TIMEOUT_MS, milliseconds),
            zos_curl_number(handle, CURLOPT_FOLLOWLOCATION, 0),
            zos_curl_sink(
                handle,
                { bytes, size, count, context in
                    guard let bytes, let context else { return 0 }
                    let received = UnsafeRawBufferPointer(start: bytes, count: size &* count)
                    let transfer = Unmanaged<WebTransfer>.fromOpaque(context).takeUnretainedValue()
                    return transfer.take(Array(received)) ? received.count : 0
                }, context),
            zos_curl_progress(
                handle,
                { context, _, _, _, _ in
                    guard let context else { return 1 }
                    return Unmanaged<WebTransfer>.fromOpaque(context).takeUnretainedValue().isCancelled ? 1 : 0
                }, context),
        ]
        if let body {
            headers = curl_slist_append(nil, "Content-Type: application/json")
            outcomes += [
                zos_curl_number(handle, CURLOPT_POST, 1),
                zos_curl_number(handle, CURLOPT_POSTFIELDSIZE, body.count),
                body.withUnsafeBytes { zos_curl_pointer(handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) },
                zos_curl_pointer(handle, CURLOPT_HTTPHEADER, headers),
            ]
        }
        for outcome in outcomes where outcome != CURLE_OK { throw WebFailure(text(outcome)) }
        let outcome = curl_easy_perform(handle)
        guard outcome == CURLE_OK else { throw WebFailure(text(outcome)) }
        var status = 0
        _ = zos_curl_status(handle, &status)
        return Answer(status: status, body: transfer.body)
    }

    private func text(_ code: CURLcode) -> String { "\(url): \(String(cString: curl_easy_strerror(code)))" }
}

/// What is received, and whether it is still wanted.
private final class WebTransfer: Sendable {
    private let state = Mutex<(body: [UInt8], isCancelled: Bool)>(([], false))
    private let mostBytes: Int

    init(mostBytes: Int) { self.mostBytes = mostBytes }

    var body: [UInt8] { state.withLock { $0.body } }
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func cancel() { state.withLock { $0.isCancelled = true } }

    /// False if it is too much.
    func take(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            guard bytes.count <= mostBytes - state.body.count else { return false }
            state.body += bytes
            return true
        }
    }
}
