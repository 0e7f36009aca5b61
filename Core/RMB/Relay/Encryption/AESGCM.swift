import CCrypto

/// AES-256-GCM of libcrypto over byte arrays.
enum AESGCM {
    static let nonceLength = 12
    static let tagLength = 16

    /// Ciphertext and tag; nil when the library fails, or for a key or nonce of the wrong length.
    static func seal(_ text: [UInt8], key: [UInt8], nonce: [UInt8]) -> [UInt8]? {
        guard key.count == 32, nonce.count == nonceLength, let length = Int32(exactly: text.count),
            let context = EVP_CIPHER_CTX_new()
        else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        var sealed = [UInt8](repeating: 0, count: text.count + tagLength)
        var written: Int32 = 0
        // SAFETY: key and nonce have the lengths of the cipher, the output has room for text and tag; GCM writes exactly
        // as much as it reads.
        let isSealed = sealed.withUnsafeMutableBufferPointer { output in
            guard let start = output.baseAddress,
                EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
                EVP_EncryptUpdate(context, start, &written, text, length) == 1, written == length,
                EVP_EncryptFinal_ex(context, start + Int(length), &written) == 1, written == 0
            else { return false }
            return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), start + Int(length)) == 1
        }
        return isSealed ? sealed : nil
    }

    /// The text; nil for anything that was not sealed with this key and nonce.
    static func open(_ sealed: ArraySlice<UInt8>, key: [UInt8], nonce: [UInt8]) -> [UInt8]? {
        guard key.count == 32, nonce.count == nonceLength, sealed.count >= tagLength,
            let length = Int32(exactly: sealed.count - tagLength), let context = EVP_CIPHER_CTX_new()
        else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        let text = Array(sealed.dropLast(tagLength))
        var tag = Array(sealed.suffix(tagLength))
        var opened = [UInt8](repeating: 0, count: text.count + 1)
        var written: Int32 = 0
        // SAFETY: as above. Nothing is handed out before the tag was found right.
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            EVP_DecryptUpdate(context, &opened, &written, text, length) == 1, written == length,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &tag) == 1
        else { return nil }
        var rest: [UInt8] = [0]
        guard EVP_DecryptFinal_ex(context, &rest, &written) == 1, written == 0 else { return nil }
        opened.removeLast()
        return opened
    }
}
