import Foundation
import Testing

@testable import CLI

@Suite("systemd unit")
struct SystemdUnitTests {
    @Test("a unit that would end workloads with the node is found out")
    func killMode() {
        let bad = SystemdUnit(parsing: "[Service]\nExecStart=/usr/bin/zosd\n")
        #expect(bad.faults.count == 1)
        #expect(bad.faults.first?.contains("KillMode") == true)
        let good = SystemdUnit(
            parsing:
                "# node\n[Service]\nKillMode = control-group\nKillMode=process\nExecStart=/usr/bin/zosd \\\n --state /x\n"
        )
        #expect(good.faults.isEmpty)
        #expect(good.value("Service", "ExecStart") == "/usr/bin/zosd   --state /x")
        #expect(SystemdUnit(parsing: "[Service]\nKillMode=process\nExecStart=x\nPrivateMounts=yes").faults.count == 1)
        #expect(
            SystemdUnit(parsing: "[Service]\nKillMode=process\nExecStart=x\nNoNewPrivileges=yes").faults.count == 1)
    }

    @Test("the unit that comes with zos leaves workloads alone")
    func ownUnit() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        let text = try String(contentsOf: root.appendingPathComponent("packaging/zosd.service"), encoding: .utf8)
        let unit = SystemdUnit(parsing: text)
        #expect(unit.faults.isEmpty)
        #expect(unit.value("Service", "KillMode") == "process")
        #expect(unit.value("Service", "ExecStart") == "/usr/bin/zosd --config /etc/zos/zos.toml")
        #expect(unit.value("Service", "Restart") == "on-failure")
        // Its folders are the defaults of the configuration, and /run/zos with companions and namespaces survives a restart.
        #expect(unit.value("Service", "StateDirectory") == "zos")
        #expect(unit.value("Service", "RuntimeDirectory") == "zos")
        #expect(unit.value("Service", "RuntimeDirectoryPreserve") == "yes")
        #expect(unit.value("Service", "Delegate") == "yes")
    }
}
