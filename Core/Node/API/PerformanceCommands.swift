import JSON
import RMB

/// `zos.perf.*` (docs/spec/node-api.md section 6).
struct PerformanceCommands: Sendable {
    let board: PerformanceBoard

    func register(on router: Router) {
        router.register("zos.perf.get") { request in
            let name: String
            do throws(CallError) {
                name = try CommandArguments(request).text("name")
            } catch {
                throw CallError("failed to unmarshal payload: \(error.message)")
            }
            guard let result = await board.result(of: name) else { throw CallError("result not found") }
            return result
        }
        router.register("zos.perf.get_all") { _ in .array(await board.all()) }
    }
}
