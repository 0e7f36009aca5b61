import CHost

/// The alphabets of what may reach a command line.
enum CompanionText {
    /// 1 to 64 of `A-Z a-z 0-9 _ . -`, beginning with neither `.` nor `-`: no path, no option, no separator.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "."), first != UInt8(ascii: "-") else { return false }
        return text.utf8.count <= 64 && text.utf8.allSatisfy(isNameByte)
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Absolute, normal (no empty, `.` or `..` element), of name bytes and `/` only.
    static func isAbsolutePath(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.first == UInt8(ascii: "/"), bytes.count < 1024 else { return false }
        return bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .allSatisfy { part in
                !part.isEmpty && part.allSatisfy(isNameByte) && !part.elementsEqual(".".utf8)
                    && !part.elementsEqual("..".utf8)
            }
    }

    /// Up to `depth` names with `/` between: it cannot leave the folder that it is in.
    static func isRelativePath(_ text: String, depth: Int) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return (1...depth).contains(parts.count) && parts.allSatisfy { isName(String(decoding: $0, as: UTF8.self)) }
    }

    /// The usual spelling of an IP address; nil for anything else.
    static func address(_ text: String, _ family: CompanionSlotType.Family?) -> String? {
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        var buffer = [CChar](repeating: 0, count: 46)
        guard zos_address_text(text, &buffer) == 0 else { return nil }
        let plain = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let isV6 = plain.utf8.contains(UInt8(ascii: ":"))
        return family == nil || (family == .v6) == isV6 ? plain : nil
    }

    static func isMAC(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 17 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            if index % 3 == 2 { return byte == UInt8(ascii: ":") }
            return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
    }

    /// The numbers' bits of the capabilities that a member `capabilities` lists.
    static func capabilities(in reader: ManifestObject) throws(HostingError) -> UInt64 {
        var mask: UInt64 = 0
        for value in try reader.array("capabilities") {
            guard let name = value.stringValue, let number = capabilities.firstIndex(of: name) else {
                throw reader.wrong("capabilities", "names such as NET_ADMIN, without CAP_")
            }
            mask |= 1 << UInt64(number)
        }
        return mask
    }

    static func names(of mask: UInt64) -> [String] {
        capabilities.enumerated().filter { mask >> UInt64($0.offset) & 1 != 0 }.map(\.element)
    }

    /// Where a mount would put other programs, libraries or settings in place of the host's.
    static func isSystemFolder(_ path: String) -> Bool {
        let first = path.utf8.dropFirst().prefix { $0 != UInt8(ascii: "/") }
        return ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc", "proc", "sys", "dev", "boot"]
            .contains { first.elementsEqual($0.utf8) }
    }

    /// Variables by which the dynamic loader runs foreign code.
    static func isLoaderVariable(_ name: String) -> Bool { name.hasPrefix("LD_") || name == "GCONV_PATH" }

    /// Linux capabilities by number (linux/capability.h).
    static let capabilities = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ]
}
