import CSeccomp
import Glibc

/// Names of system calls on this machine.
public enum SystemCall {
    /// Architectures as the kernel's audit numbers them.
    private enum Architecture {
        static let amd64: UInt32 = 0xc000_003e
        static let i386: UInt32 = 0x4000_0003
        /// libseccomp's number for x32, which the kernel tells from amd64 by a bit of the call's number.
        static let x32: UInt32 = 0x4000_003e
    }
    private static let x32Bit: Int32 = 0x4000_0000

    /// The kernel's name of a call, or `system call N` where libseccomp does not know it; `i386` or `x32` in front of it
    /// if it came by that door.
    public static func name(of number: Int32, architecture: UInt32) -> String {
        if architecture == Architecture.i386 { return "i386 " + plainName(number, Architecture.i386) }
        guard architecture == Architecture.amd64, number & x32Bit != 0, number > 0 else {
            return plainName(number, architecture)
        }
        return "x32 " + plainName(number, Architecture.x32)
    }

    /// Whether it is a call of this machine's own architecture.
    public static func isNative(_ number: Int32, architecture: UInt32) -> Bool {
        architecture == seccomp_arch_native() && !(architecture == Architecture.amd64 && number & x32Bit != 0)
    }

    private static func plainName(_ number: Int32, _ architecture: UInt32) -> String {
        guard let name = seccomp_syscall_resolve_num_arch(architecture, number) else { return "system call \(number)" }
        defer { free(name) }
        return String(cString: name)
    }

    /// The number of a call on this machine, nil if it has none.
    public static func number(of name: String) -> Int32? {
        let number = seccomp_syscall_resolve_name(name)
        return number >= 0 ? number : nil
    }
}
