import JWTKit

/// The private key by which a connected app recognises its client.
public struct SigningKey: Sendable {
    let rsa: Insecure.RSA.PrivateKey

    /// Reads a key.
    ///
    /// - Parameters:
    ///   - pem: An RSA key of at least 2,048 bits in PEM form, without a password: a secret.
    ///   - source: Where it comes from, for messages: a path, or the name of a variable.
    /// - Throws: ``SalesforceError/configuration(_:)`` with what it is instead, and what to do.
    public init(pem: String, source: String) throws(SalesforceError) {
        if let other = Self.mistaken(pem) {
            throw .configuration("\(source) \(other)")
        }
        do {
            rsa = try Insecure.RSA.PrivateKey(pem: pem)
        } catch {
            // What the library says may quote the file, so it stays here.
            throw .configuration(
                """
                \(source) holds no RSA private key of 2,048 bits or more in PEM form. Such a file \
                begins with '-----BEGIN PRIVATE KEY-----'; 'openssl genrsa -out FILE 2048' makes one
                """
            )
        }
    }

    /// What is put in the place of a private key by mistake.
    private static func mistaken(_ pem: String) -> String? {
        if pem.contains("BEGIN CERTIFICATE") || pem.contains("PUBLIC KEY-----") {
            return """
                holds a certificate or a public key, which belong into the app. Name the file with \
                the private key that goes with it
                """
        }
        if pem.contains("ENCRYPTED") {
            return """
                is protected by a password, which nobody can type in at night. Write it without \
                one, readable by this user alone: 'openssl pkey -in FILE -out NEW'
                """
        }
        return nil
    }
}

extension SigningKey: CustomStringConvertible, CustomReflectable {
    /// Nothing of the key.
    public var description: String { "signing key" }

    /// Nothing, so that no dump shows the key.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
