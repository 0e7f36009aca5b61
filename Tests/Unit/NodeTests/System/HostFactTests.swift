import Testing

@testable import Node

@Suite("What the node finds out about its machine")
struct HostFactTests {
    @Test(
        "the hypervisor is found as systemd-detect-virt finds it",
        arguments: [
            (nil, "", "", ""), ("KVMKVMKVM", "", "", "kvm"), ("KVMKVMKVM", "Amazon EC2", "", "amazon"),
            ("TCGTCGTCGTCG", "QEMU", "", "qemu"), ("Microsoft Hv", "", "", "microsoft"),
            ("NobodyKnows!", "", "", "vm-other"),
            ("NobodyKnows!", "VMware, Inc.", "", "vmware"), (nil, "", "xen", "xen"), (nil, "Dell Inc.", "", ""),
            (nil, "innotek GmbH", "", "oracle"),
        ] as [(String?, String, String, String)])
    func hypervisor(word: String?, vendor: String, kind: String, expected: String) throws {
        var texts: [String: String] = [:]
        if !vendor.isEmpty { texts["/sys/class/dmi/id/sys_vendor"] = vendor + "\n" }
        if !kind.isEmpty { texts["/sys/hypervisor/type"] = kind + "\n" }
        let files = try FakeFiles(texts)
        #expect(Hypervisor(files: files.files) { word }.name() == expected)
    }

    @Test("the first domain of Xen is no guest")
    func firstDomain() throws {
        let files = try FakeFiles(["/sys/hypervisor/type": "xen\n", "/proc/xen/capabilities": "control_d\n"])
        #expect(Hypervisor(files: files.files) { nil }.name() == "")
    }

    @Test("graphics cards have slot and numbers as id, their names from the list, their memory from driver or window")
    func cards() throws {
        let slot = "/sys/bus/pci/devices/0000:28:00.0"
        let files = try FakeFiles([
            "\(slot)/class": "0x030000\n", "\(slot)/vendor": "0x10DE\n", "\(slot)/device": "0x2204\n",
            "\(slot)/resource":
                "0x00000000f6000000 0x00000000f6ffffff 0x0000000000040200\n0x0000000000000000 0x0000000000000000 0x0\n0x0000007e00000000 0x0000007fffffffff 0x000000000014220c\n",
            "/sys/bus/pci/devices/0000:29:00.0/class": "0x020000\n",
            "/sys/bus/pci/devices/0000:30:00.0/class": "0x030200\n",
            "/sys/bus/pci/devices/0000:30:00.0/vendor": "0x1002\n",
            "/sys/bus/pci/devices/0000:30:00.0/device": "0xffff\n",
            "/sys/bus/pci/devices/0000:30:00.0/mem_info_vram_total": "17163091968\n",
            "/sys/bus/pci/devices/0000:31:00.0/class": "0x030200\n",
            "/usr/share/misc/pci.ids":
                "# list\n1002  Advanced Micro\n\t0001  Old\n10de  NVIDIA Corporation\n\t2204  GA102\n\t\t1043 87b5  Sub\n10df  Other\n",
        ])
        let cards = GraphicsCards(files: files.files).list()
        #expect(
            cards == [
                .init(
                    id: "0000:28:00.0/10de/2204", vendor: "NVIDIA Corporation", device: "GA102", memory: 8_589_934_592),
                .init(
                    id: "0000:30:00.0/1002/ffff", vendor: "Advanced Micro", device: "unknown", memory: 17_163_091_968),
            ])
        #expect(GraphicsCards(files: try FakeFiles().files).list().isEmpty)
    }

    @Test("connections count that are established and go to another machine")
    func connections() throws {
        let files = try FakeFiles([
            "/proc/net/tcp": """
              sl  local_address rem_address   st
               0: 0100007F:1F73 00000000:0000 0A 0
               1: 0200640A:1F73 0100007F:A1B2 01 0
               2: 0200640A:1F73 0300640A:A1B2 01 0
               3: 0200640A:1F73 0300640A:A1B3 06 0
            """,
            "/proc/net/tcp6": """
              sl  local_address rem_address   st
               0: 00000000000000000000000000000000:1F73 00000000000000000000000001000000:A1B2 01 0
               1: 00000000000000000000000000000000:1F73 0000000000000000FFFF00000100007F:A1B2 01 0
               2: 00000000000000000000000000000000:1F73 0000000000000000FFFF00000300640A:A1B2 01 0
            """,
        ])
        #expect(OpenConnections.count(files.files) == 2)
        #expect(OpenConnections.count(try FakeFiles().files) == 0)
    }

    @Test("features come in the grid's order, each once, and unknown ones last")
    func features() {
        let order = NodeFacts.table.features
        #expect(order.count == 16)
        #expect(
            NodeFeatures.list(
                types: ["volume", "echo", "zmount", "network", "echo"], added: ["wireguard"], transports: ["yggdrasil"],
                order: order) == ["zmount", "network", "volume", "yggdrasil", "wireguard", "echo"])
    }
}
