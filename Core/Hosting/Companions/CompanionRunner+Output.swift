import CHost
import Glibc

extension CompanionRunner {
    /// The last bytes, 2 KiB unless more are asked for. What was given back reads as zeros, and is left out.
    static func tail(_ output: OwnedDescriptor, _ limit: Int = CompanionExit.outputLimit) -> String {
        var facts = stat()
        guard fstat(output.number, &facts) == 0 else { return "" }
        var bytes = [UInt8](repeating: 0, count: limit)
        let got = pread(output.number, &bytes, limit, max(0, facts.st_size - off_t(limit)))
        return String(decoding: bytes.prefix(max(0, got)).drop { $0 == 0 }, as: UTF8.self)
    }

    /// Gives the memory of old output back, all but half of the limit. It counts against the companion's own memory, which a
    /// guest that prints without end would otherwise fill. The file's size stays, so that what is being appended is not disturbed.
    static func bound(_ output: OwnedDescriptor, to limit: off_t) {
        var facts = stat()
        guard fstat(output.number, &facts) == 0, off_t(facts.st_blocks) * 512 > limit else { return }
        let punch: Int32 = 0x02 | 0x01  // FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
        // A kernel that cannot leaves the companion's own limit to hold it.
        zos_fallocate(output.number, punch, 0, UInt64(max(0, facts.st_size - limit / 2)))
    }

    /// Bounds every output once a second, until the task is cancelled: faster than a console fills a machine's memory.
    func boundOutputs() async {
        while !Task.isCancelled {
            for entry in running.values { Self.bound(entry.output, to: off_t(entry.record.output)) }
            try? await Task.sleep(for: .seconds(1))  // Cancellation shows in the loop's condition.
        }
    }

    /// The output of a companion whose shim is gone.
    ///
    /// Its first descriptor may be anything by now, and the core has more rights on it than the companion: only a memory
    /// file is opened for writing, and nothing is waited for.
    static func output(ofProcess process: Int32) throws(HostingError) -> OwnedDescriptor {
        let path = "/proc/\(process)/fd/1"
        let output = OwnedDescriptor(
            taking: try checkedErrno(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), "open \(path)"))
        let sample = OwnedDescriptor(taking: try checked(zos_memfd("sample"), "make a memory file"))
        var (found, memory) = (stat(), stat())
        guard fstat(output.number, &found) == 0, fstat(sample.number, &memory) == 0, found.st_dev == memory.st_dev
        else { return output }
        return OwnedDescriptor(
            taking: try checkedErrno(
                open("/proc/self/fd/\(output.number)", O_RDWR | O_CLOEXEC), "open the output of \(process)"))
    }
}
