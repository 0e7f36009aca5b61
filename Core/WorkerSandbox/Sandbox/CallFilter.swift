import CSeccomp
import Glibc

/// The seccomp filter of a worker: an allow-list whose default is to ask the core.
struct CallFilter {
    /// Actions of seccomp(2) as libseccomp numbers them; its macros do not reach Swift.
    private enum Action {
        static let allow: UInt32 = 0x7fff_0000
        static let notify: UInt32 = 0x7fc0_0000
        static let kill: UInt32 = 0x8000_0000
        static func refuse(_ error: UInt16) -> UInt32 { 0x0005_0000 | UInt32(error) }
    }

    /// What happens to a call that no rule allows.
    enum Otherwise {
        /// The core is asked.
        case ask
        /// The process ends.
        case kill
        /// It fails with this errno.
        case refuse(UInt16)
    }

    let rules: [CallRule]
    let otherwise: Otherwise

    /// Installs it for the whole process, which has one thread.
    ///
    /// - Returns: the listener for the core; nil for a filter that asks nobody.
    func install() throws(SandboxError) -> Int32? {
        try withContext { context throws(SandboxError) in
            try check(seccomp_load(context))
            guard case .ask = otherwise else { return nil }
            let listener = seccomp_notify_fd(context)
            try check(listener)
            return listener
        }
    }

    /// Compiles the rules and hands the result to `body`.
    func withContext<Answer>(_ body: (scmp_filter_ctx) throws(SandboxError) -> Answer) throws(SandboxError) -> Answer {
        let action =
            switch otherwise {
            case .ask: Action.notify
            case .kill: Action.kill
            case .refuse(let error): Action.refuse(error)
            }
        guard let context = seccomp_init(action) else { throw SandboxError("filter", ENOMEM) }
        defer { seccomp_release(context) }
        // Numbers of other architectures, which i386 and x32 programs use, are named like everything that is forbidden.
        try check(seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, action))
        for rule in rules { try add(rule, to: context) }
        if case .kill = otherwise { try addExecutableMappings(to: context) }
        return try body(context)
    }

    private func add(_ rule: CallRule, to context: scmp_filter_ctx) throws(SandboxError) {
        guard let number = SystemCall.number(of: rule.name) else { return }
        let action =
            switch rule.outcome {
            case .allow: Action.allow
            case .refuse(let error): Action.refuse(error)
            }
        let conditions = rule.conditions.map(Self.comparison)
        try check(seccomp_rule_add_array(context, action, number, UInt32(conditions.count), conditions), rule.name)
    }

    /// Without a supervisor nobody could tell loading from running, so executable mappings stay allowed.
    private func addExecutableMappings(to context: scmp_filter_ctx) throws(SandboxError) {
        for name in ["mmap", "mprotect"] {
            try add(CallRule(name, .argument(2, bits: 4, are: 4)), to: context)
        }
    }

    private static func comparison(_ condition: CallRule.Condition) -> scmp_arg_cmp {
        scmp_arg_cmp(
            arg: condition.argument, op: SCMP_CMP_MASKED_EQ, datum_a: condition.mask, datum_b: condition.value)
    }

    func check(_ result: Int32, _ detail: String = "") throws(SandboxError) {
        guard result < 0 else { return }
        throw SandboxError(detail.isEmpty ? "filter" : "filter rule for \(detail)", -result)
    }
}
