import CSeccomp
import Glibc

/// Names of system calls on this machine.
public enum SystemCall {
    /// The kernel's name of a call, or `system call N` where libseccomp does not know it.
    public static func name(of number: Int32, architecture: UInt32) -> String {
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
