import JSON
import PluginSDK

extension GuestImage {
    /// What the manifest's companion `machine` boots: which of the descriptors is what, and the kernel's line.
    var slots: [(String, JSONValue)] {
        switch boot {
        case .node:
            return [
                ("kernel", Slot.index(0)), ("initialised", true), ("initrd", Slot.index(1)), ("plain", true),
                ("line", .string(Self.nodeLine)), ("chosen", false), ("seeded", false),
            ]
        case .own(let hasInitramfs, let start):
            var slots: [(String, JSONValue)] = [
                ("kernel", Slot.index(0)), ("initialised", .bool(hasInitramfs)), ("plain", .bool(start == nil)),
                ("chosen", .bool(start != nil)), ("seeded", true), ("seed", Slot.index(hasInitramfs ? 2 : 1)),
            ]
            if hasInitramfs { slots.append(("initrd", Slot.index(1))) }
            slots.append(start.map { ("init", .string($0)) } ?? ("line", .string(Self.ownLine)))
            return slots
        }
    }

    /// The manifest has the same texts.
    private static let nodeLine = "console=ttyS0 panic=1 quiet rw"
    private static let ownLine = "console=ttyS0 panic=1 rw root=vroot rootfstype=virtiofs"
}
