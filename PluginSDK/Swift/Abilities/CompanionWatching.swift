/// A provisioner that decides what happens when one of its companions ends without having been asked to.
public protocol CompanionWatching: Provisioner {
    func companionExited(_ exit: CompanionExit, in context: Context) async throws -> CompanionAction
}
