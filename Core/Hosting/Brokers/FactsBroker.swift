import Glibc
import JSON

/// What a plugin may know about the machine.
struct FactsBroker {
    let room: BrokerRoom

    func facts() -> HostAnswer {
        let configuration = room.configuration
        let pages = UInt64(max(0, sysconf(Int32(_SC_PHYS_PAGES))))
        let pageSize = UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
        return HostAnswer([
            "cpus": .number(JSONNumber(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))),
            "memory": .number(JSONNumber(pages &* pageSize)), "kvm": .bool(configuration.offersKVM),
            "nameservers": .array(configuration.nameservers.map(JSONValue.string)),
            "node": .number(JSONNumber(configuration.node)),
        ])
    }
}
