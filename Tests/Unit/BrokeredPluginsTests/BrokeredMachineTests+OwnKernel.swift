import Glibc
import Hosting
import ImageFixtures
import JSON
import NetworkProvisioner
import PluginSDK
import Testing
import ZMachineProvisioner

extension BrokeredPluginsTests.BrokeredMachineTests {
    @Test("a root that a client names as an OCI image is fetched, unpacked, and boots the kernel that it brings")
    func ownKernel() async throws {
        let node = try Node(plugin: "zmachine", and: ["network"], rootPolicy: .allowed)
        let server = FixtureServer()
        defer { server.stop() }
        let folder = FixtureFolder()
        let package = "\(Node.repository)/Plugins/zmachine"
        let root = folder.make("root")
        try await offThread {
            Spawned(["\(Node.repository)/Tests/EndToEnd/demo/rootfs/build.sh", root]).wait()
            Spawned(["\(package)/guest/build.sh", "\(package)/files/guest"]).wait()
            Spawned([
                "\(Node.repository)/Tests/Unit/BrokeredPluginsTests/kernel/build.sh", root, "\(package)/files/guest",
                "\(package)/guest/../../../build/guest-cache",
            ]).wait()
            Spawned(["tar", "-C", root, "-czf", "\(folder.path)/layer.tar.gz", "."]).wait()
        }
        try #require(access("\(root)/boot/initrd.img", F_OK) == 0)
        let layer = OCIPacker.Layer(
            FixtureFile.read("\(folder.path)/layer.tar.gz"), "application/vnd.oci.image.layer.v1.tar+gzip")
        let configuration = #"{"config":{"Entrypoint":["/sbin/own","two words"],"Env":["GREETING=hello"]}}"#
        server.set("/image.oci.tar", .content(OCIPacker(layers: [layer], configuration: configuration).tar))
        let (networks, machines) = (makeNetworkPlugin(), makeZMachinePlugin())
        try await node.run { context in
            node.announce(network, type: "network", of: "network")
            let networkContext = try node.context(of: "network")
            let netSubject = subject("net", "network", networkData)
            let netOutcome = try await networks.serve(
                .provision, ["subject": netSubject, "paused": false], in: networkContext)
            let references = [reference("/network/interfaces/0/network", "net", "network", netOutcome)]
            node.announce(machine, type: "zmachine", references: references)
            var data = try #require(machineData("").objectValue)
            data["flist"] = .string(server.url("/image.oci.tar"))
            data["mounts"] = []
            data["entrypoint"] = ""
            let vm = subject("vm", "zmachine", .object(data), references: references)
            let outcome = try await machines.serve(.provision, ["subject": vm, "paused": false], in: context)
            #expect(outcome["result"]?["ip"] == "10.20.3.2")
            #expect(try await page("/greeting", node) == "hello from 1: two words\n")
            let line = try await page("/cmdline", node)
            #expect(line == "console=ttyS0 panic=1 rw root=vroot rootfstype=virtiofs init=/sbin/own\n")
            #expect(try await page("/seed/meta-data", node).contains(#""local-hostname":"vm""#))
            #expect(try await page("/seed/network-config", node).contains(#""10.20.3.2/24""#))
            #expect(try await page("/seed/user-data", node).hasPrefix("#cloud-config\n"))
            _ = try await machines.serve(.deprovision, ["subject": vm], in: context)
            _ = try await networks.serve(.deprovision, ["subject": netSubject], in: networkContext)
        }
    }
}
