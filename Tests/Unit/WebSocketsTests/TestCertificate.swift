import Glibc
import Testing
import WebSockets

/// A certificate for `localhost` that signed itself. Made for tests; nobody else trusts it.
enum TestCertificate {
    static let tls = WebSocketServer.TLS(certificates: Array(certificate.utf8), privateKey: Array(key.utf8))

    /// Writes the certificate to a file of its own and returns the path.
    static func write() throws -> String {
        let path = "/tmp/zos-certificate-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).pem"
        let file = try #require(fopen(path, "w"))
        fputs(certificate, file)
        fclose(file)
        return path
    }

    static func remove(_ path: String) { unlink(path) }

    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBZjCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
        c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
        CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOADUEVq2AE8f2Pm
        hvSM6okKOnQPssYghDpjeMl2JPGBNs8QEQ4BS23+n8z1Jerbq918yGt0WaOQKA5u
        cn+XgBejTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
        BTADAQH/MB0GA1UdDgQWBBR3X+mwcGIV0V+8R7G4c4tFKx/HSzAKBggqhkjOPQQD
        AgNHADBEAiBdntnjcWIg5bFrs5Yy+tQf/XIaSf+o/VUU5gMOd454CQIgV8pVvBnc
        aGZZfCeK25mUxS2w05fSnL9HkhtHQIa7WIU=
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2FKP2JKwM8qfeCKM
        cz59ygKsc9YOHFJzAATlB+zU55uhRANCAATgA1BFatgBPH9j5ob0jOqJCjp0D7LG
        IIQ6Y3jJdiTxgTbPEBEOAUtt/p/M9SXq26vdfMhrdFmjkCgObnJ/l4AX
        -----END PRIVATE KEY-----
        """
}
