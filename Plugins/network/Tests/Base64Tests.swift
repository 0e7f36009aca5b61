import Testing

@testable import NetworkProvisioner

@Suite("Base64")
struct Base64Tests {
    @Test(
        "keys as WireGuard writes them are read",
        arguments: [
            ("", []), ("Zg==", [0x66]), ("Zm8=", [0x66, 0x6f]), ("Zm9v", [0x66, 0x6f, 0x6f]),
            ("+/+/", [0xfb, 0xff, 0xbf]),
        ] as [(String, [UInt8])])
    func decode(_ text: String, _ bytes: [UInt8]) { #expect(Base64.decode(text) == bytes) }

    @Test(
        "other texts are refused, also those that would mean the same bytes",
        arguments: ["Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n", "Zm-v", "=Zg=", "Zg==Zg==", "é"])
    func refuse(_ text: String) { #expect(Base64.decode(text) == nil) }
}
