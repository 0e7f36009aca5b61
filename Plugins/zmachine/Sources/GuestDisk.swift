/// A disk of a machine: the workload that exports it, and where the guest mounts it.
struct GuestDisk: Sendable, Hashable {
    let name: String
    let workload: String
    let serial: String
    let target: String
}
