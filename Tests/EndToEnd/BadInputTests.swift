import Testing

/// Everything that strangers and customers can send wrongly, to one real node. Each is refused with a text that says why, and
/// leaves what was accepted before untouched.
@Suite("Bad input", .serialized, .onStage)
enum BadInput {}
