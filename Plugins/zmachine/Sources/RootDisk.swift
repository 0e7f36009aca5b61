/// The size rule of root disks (docs/spec/deployment.md section 6.7).
enum RootDisk {
    /// Bytes. The product wraps, as in the reference: it decides which deployments are valid.
    static func minimum(_ machine: ZMachine) -> UInt64 {
        let units = UInt64(machine.computeCapacity.cpu) &* machine.computeCapacity.memory / (8 << 30)
        return units == 0 ? 500 << 20 : 2 << 30
    }

    static func size(_ machine: ZMachine) -> UInt64 { max(machine.size, minimum(machine)) }
}
