import NIOSSL

extension Relay.Configuration.Certificate {
    /// - Throws: `badCertificate` naming the files.
    func context() throws(RelayError) -> NIOSSLContext {
        do {
            let certificates = try NIOSSLCertificate.fromPEMFile(chain)
            let key = try NIOSSLPrivateKey(file: key, format: .pem)
            return try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key)))
        } catch {
            throw RelayError(
                .badCertificate, "no TLS with the certificate '\(chain)' and the key '\(self.key)': \(error)",
                hint: "both are files in PEM form")
        }
    }
}
