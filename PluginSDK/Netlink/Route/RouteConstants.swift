/// Numbers of linux/rtnetlink.h, linux/if_link.h and linux/if_addr.h.
enum RouteMessage {
    static let newLink: UInt16 = 16
    static let deleteLink: UInt16 = 17
    static let getLink: UInt16 = 18
    static let setLink: UInt16 = 19
    static let newAddress: UInt16 = 20
    static let deleteAddress: UInt16 = 21
    static let getAddress: UInt16 = 22
    static let newRoute: UInt16 = 24
    static let deleteRoute: UInt16 = 25
    static let getRoute: UInt16 = 26
}

enum LinkAttribute {
    static let address: UInt16 = 1
    static let name: UInt16 = 3
    static let mtu: UInt16 = 4
    static let link: UInt16 = 5
    static let master: UInt16 = 10
    static let linkInfo: UInt16 = 18
    static let alias: UInt16 = 20
    static let familySpecific: UInt16 = 26
    static let namespaceDescriptor: UInt16 = 28
    static let relatedNamespace: UInt16 = 37
}

enum LinkFlag {
    static let up: UInt32 = 0x1
    static let running: UInt32 = 0x40
}

enum AddressAttribute {
    static let address: UInt16 = 1
    static let local: UInt16 = 2
    static let flags: UInt16 = 8
    /// Skips duplicate address detection, so that the address works at once.
    static let withoutDetection: UInt32 = 0x02
}

enum RouteAttribute {
    static let destination: UInt16 = 1
    static let outgoing: UInt16 = 4
    static let gateway: UInt16 = 5
    static let priority: UInt16 = 6
    static let table: UInt16 = 15
}

enum AddressFamily {
    static let v4: UInt8 = 2
    static let v6: UInt8 = 10
}
