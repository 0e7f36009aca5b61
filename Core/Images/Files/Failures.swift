import Glibc
import Unpacking

/// The system's text for an errno.
func systemText(_ error: Int32) -> String {
    // SAFETY: strerror returns a constant text for known numbers.
    strerror(error).map { String(cString: $0) } ?? "error \(error)"
}

/// Passes the result of a C function through, or throws if it is a negative errno. Scarcity is `unavailable`.
@discardableResult
func checked(_ result: Int32, _ attempt: @autoclosure () -> String) throws(ImageError) -> Int32 {
    guard result < 0 else { return result }
    let error = -result
    switch error {
    case ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM, EIO, EAGAIN:
        throw ImageError(.unavailable, "cannot \(attempt()): \(systemText(error))")
    case EFBIG: throw ImageError(.tooLarge, "cannot \(attempt()): \(systemText(error))")
    default: throw ImageError(.invalid, "cannot \(attempt()): \(systemText(error))")
    }
}

/// Passes the result of a libc function through, or throws with `errno` if it is negative.
@discardableResult
func checkedErrno(_ result: Int32, _ attempt: @autoclosure () -> String) throws(ImageError) -> Int32 {
    try checked(result < 0 ? -errno : result, attempt())
}
