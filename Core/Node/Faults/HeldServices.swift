import Hosting

/// Passes the calls of plugins on, by way of the fault board.
struct HeldServices: HostServices {
    let services: any HostServices
    let board: FaultBoard

    func serve(_ call: HostCall) async -> HostAnswer {
        board.note(service: call.service, of: call.plugin)
        await board.pass("call \(call.service)", of: call.plugin)
        let answer = await services.serve(call)
        await board.pass("served \(call.service)", of: call.plugin)
        return answer
    }
}
