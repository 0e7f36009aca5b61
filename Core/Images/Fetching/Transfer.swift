import CFetch
import Glibc
import Unpacking

/// One download into a file that the caller gave.
final class Transfer {
    let request: FetchRequest
    private let file: FileHandle
    private let rule: AddressRule
    private(set) var received: UInt64 = 0
    private(set) var failure: ImageError?
    private var options: UnsafeMutablePointer<zos_transfer>
    private(set) var handle: UnsafeMutableRawPointer?
    /// Bytes that had come when the caller was last told.
    var told: UInt64 = 0

    private static let connectSeconds = 20
    private static let stallSeconds = 30

    init(_ request: FetchRequest, into file: FileHandle, rule: AddressRule) throws(ImageError) {
        self.request = request
        self.file = file
        self.rule = rule
        options = .allocate(capacity: 1)
        options.initialize(to: zos_transfer())
        let url = strdup(request.url)
        defer { free(url) }
        options.pointee.url = UnsafePointer(url)
        options.pointee.limit = Int64(clamping: request.limit)
        options.pointee.connect_seconds = Self.connectSeconds
        options.pointee.seconds = max(1, request.seconds)
        options.pointee.stall_seconds = Self.stallSeconds
        // SAFETY: the handle is closed in deinit, before this object and its options go.
        options.pointee.context = Unmanaged.passUnretained(self).toOpaque()
        options.pointee.data = { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
        options.pointee.allowed = { context, address, length in
            guard let context, let address else { return 0 }
            return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().judge(address, length) ? 1 : 0
        }
        handle = zos_transfer_new(options)
        guard handle != nil else { throw ImageError(.unavailable, "\(request.url) cannot be fetched: no memory") }
    }

    deinit {
        if let handle { curl_easy_cleanup(handle) }
        options.deallocate()
    }

    private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard UInt64(bytes.count) <= request.limit, received <= request.limit - UInt64(bytes.count) else {
            failure = ImageError(.tooLarge, "\(request.url) has more than \(request.limit) bytes")
            return false
        }
        do throws(ImageError) {
            try file.write(bytes, at: received, name: "what \(request.url) gives")
        } catch {
            failure = error
            return false
        }
        received += UInt64(bytes.count)
        return true
    }

    private func judge(_ address: UnsafePointer<sockaddr>, _ length: UInt32) -> Bool {
        if rule.allows(address, length: length) { return true }
        failure = ImageError(
            .denied, "\(request.url) leads to a private address",
            hint: "the operator allows that with images.private_addresses")
        return false
    }

    /// What the end of the transfer means.
    func outcome(_ result: Int32) -> FetchReply.Outcome {
        let status = handle.map { zos_transfer_status($0) } ?? 0
        switch CURLcode(UInt32(bitPattern: result)) {
        case CURLE_OK:
            return .received(received)
        case CURLE_HTTP_RETURNED_ERROR where status == 404: return .absent
        case CURLE_HTTP_RETURNED_ERROR:
            let isLasting = (400..<500).contains(status) && status != 408 && status != 429
            return .failed(
                ImageError(isLasting ? .invalid : .unavailable, "\(request.url) is answered with status \(status)"))
        case CURLE_FILESIZE_EXCEEDED:
            return .failed(ImageError(.tooLarge, "\(request.url) has more than \(request.limit) bytes"))
        case CURLE_UNSUPPORTED_PROTOCOL:
            return .failed(
                ImageError(
                    .denied, "\(request.url) leads to another scheme, which is not followed",
                    hint: "use the URL that it leads to"))
        default:
            if let failure { return .failed(failure) }
            let text = String(cString: curl_easy_strerror(CURLcode(UInt32(bitPattern: result))))
            return .failed(ImageError(.unavailable, "\(request.url) cannot be fetched: \(text)"))
        }
    }

    /// Bytes that the server announced.
    var announced: UInt64? { handle.flatMap { UInt64(exactly: zos_transfer_announced($0)) } }
}
