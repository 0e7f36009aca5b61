import Addresses
import Naming
import Testing

@Suite("Derived MAC addresses")
struct DerivedMACTests {
    @Test(
        "the table of docs/spec/workloads.md section 1.6 holds",
        arguments: [
            ("", "d6:1d:8c:d9:8f:00"), ("B", "9e:5e:d6:78:fe:57"),
            ("A34YUGenHKyhjDMAUKZe4cVDtJM2wQ4n4XRkfGUUEYdy", "8a:d3:36:10:7e:e9"),
            ("4ERqpuAPpufuV", "8a:05:e0:53:a3:08"), ("9", "c6:8c:ce:2e:2d:7f"),
        ])
    func table(text: String, expected: String) {
        #expect(MACAddress.derived(from: text).text == expected)
    }

    @Test("the checksum over twenty thousand texts holds")
    func checksum() {
        let sum = (0..<20000).reduce(UInt64(0)) { sum, index in
            sum + (MACAddress.derived(from: String(index)).value & 0xff) * UInt64(index % 7 + 1)
        }
        #expect(sum == 10_245_701)
    }

    @Test("the device name of a network leads to its machine's address")
    func device() {
        #expect(DeviceName.device(workloadID: "123-4567-vm1", text: "wgnet") == "4ERqpuAPpufuV")
    }
}
