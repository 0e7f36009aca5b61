/// The control groups of a node, for whoever tidies up after it.
public enum ControlGroups {
    /// Removes the group `name` and those in it, as far as nothing runs there. Blocks for a moment.
    public static func removeEmpty(_ name: String) async {
        // Without control groups there is nothing to remove.
        guard let tree = try? CgroupTree.mounted() else { return }
        try? await OwnThread.run { tree.removeEmpty(name) }  // the body throws nothing
    }
}
