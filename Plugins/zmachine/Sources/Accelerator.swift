/// How the machine's processor is made.
enum Accelerator: String, Sendable {
    /// By the host's processor.
    case kvm
    /// By translation, with the cache of translated code bounded.
    case tcg = "tcg,tb-size=64"

    /// QEMU's name of the processor that goes with it.
    var cpu: String { self == .kvm ? "host" : "qemu64" }
}
