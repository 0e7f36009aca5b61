extension FilterTerm {
    /// Counts what got this far.
    public static let counter = FilterTerm(
        expression("counter") {
            $0.attribute(1, UInt64(0))
            $0.attribute(2, UInt64(0))
        })

    public static let accept = verdict(1)
    public static let drop = verdict(0)
    /// Goes on in the chain that jumped here.
    public static let back = verdict(-5)

    /// Goes on in another chain of the table, and comes back.
    public static func jump(to chain: String) -> FilterTerm { verdict(-3, chain) }

    /// Gives the packet the address of the link that it leaves by, with a port chosen at random.
    public static let masquerade = FilterTerm(expression("masq") { $0.attribute(1, UInt32(16).bigEndian) })

    private static func verdict(_ code: Int32, _ chain: String? = nil) -> FilterTerm {
        FilterTerm(
            expression("immediate") {
                $0.attribute(1, verdictRegister.bigEndian)
                $0.nest(2) {
                    $0.nest(2) {
                        $0.attribute(1, code.bigEndian)
                        if let chain { $0.attribute(2, text: chain) }
                    }
                }
            })
    }
}
