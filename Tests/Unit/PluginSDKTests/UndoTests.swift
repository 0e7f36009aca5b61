import PluginSDK
import Synchronization
import Testing

@Suite("Undo")
struct UndoTests {
    @Test("runs backwards, goes on past failures, and reports the first error with theirs")
    func backwards() async {
        let order = Mutex<[Int]>([])
        let error = await #expect(throws: PluginError.self) {
            try await Undo.onFailure { undo in
                undo.add { order.withLock { $0.append(1) } }
                undo.add { throw PluginError.failed("stuck") }
                undo.add { order.withLock { $0.append(3) } }
                throw PluginError.invalid("no")
            }
        }
        #expect(order.withLock { $0 } == [3, 1])
        #expect(error?.status == .invalid)
        #expect(error?.message == "no (and undoing it failed: stuck)")
    }

    @Test("does nothing after success")
    func success() async throws {
        let undone = Mutex(false)
        let value = try await Undo.onFailure { undo in
            undo.add { undone.withLock { $0 = true } }
            return 7
        }
        #expect(value == 7)
        #expect(undone.withLock { !$0 })
    }
}
