extension RuntimeMetadata {
    /// An extrinsic that nobody signs, as the chain itself puts into a block.
    /// - Parameter call: the bytes of the call.
    public func unsignedExtrinsic(_ call: [UInt8]) -> [UInt8] {
        var whole = ScaleWriter()
        whole.byteSequence([extrinsic.version] + call)
        return whole.bytes
    }
}
