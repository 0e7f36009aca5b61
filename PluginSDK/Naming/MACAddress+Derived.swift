import Addresses

extension MACAddress {
    /// The address that every node derives from this text (docs/spec/workloads.md section 1.6).
    public static func derived(from text: String) -> MACAddress {
        var hash = MD5.digest(text)
        while true {
            for offset in 0..<10 {
                hash[offset] = (hash[offset] | 2) & 0xfe
                if let candidate = MACAddress(bytes: hash[offset..<offset + 6]), isAcceptable(candidate) {
                    return candidate
                }
            }
            hash = MD5.digest(hash)
        }
    }

    private static func isAcceptable(_ candidate: MACAddress) -> Bool {
        let (first, last) = (candidate.value >> 32, candidate.value & 0xff_ffff)
        // The last three bytes alone choose the branch; there is no fall-through.
        if last <= 0x00_51ff { return first >= 0x0003 }
        if last <= 0x90_00ff { return first >= 0x0054 && first != 0x3333 }
        return first >= 0x9002 && candidate.value <= 0xffff_ffff_fffe
    }
}
