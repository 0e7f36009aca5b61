/// How a companion that was waited for has ended.
public struct CompanionRun: Sendable, Hashable {
    public let code: Int
    public let output: String

    public init(code: Int, output: String) {
        self.code = code
        self.output = output
    }
}
