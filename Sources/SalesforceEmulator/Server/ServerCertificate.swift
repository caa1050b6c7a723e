import Crypto
import Foundation
import NIOSSL
import SwiftASN1
import X509

/// A certificate that an emulator makes for itself when it starts.
///
/// It is its own authority and holds for this machine only: `localhost`, `127.0.0.1` and `::1`.
/// The key is never written anywhere and goes with the program.
struct ServerCertificate: Sendable {
    /// The certificate in PEM, as clients take it to trust the server.
    let pem: String

    /// What the server needs.
    let configuration: TLSConfiguration

    private static let life: TimeInterval = 30 * 86_400

    /// Makes a key and a certificate that holds for 30 days from the hour before `now`.
    ///
    /// - Throws: What the signing or the TLS library throws; not expected.
    init(now: Date) throws {
        let key = P256.Signing.PrivateKey()
        let signingKey = Certificate.PrivateKey(key)
        let name = try DistinguishedName {
            CommonName("localhost")
            OrganizationName("Daybook emulator")
        }
        let certificate = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: signingKey.publicKey,
            notValidBefore: now.addingTimeInterval(-3600),
            notValidAfter: now.addingTimeInterval(Self.life),
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Self.extensions,
            issuerPrivateKey: signingKey
        )
        pem = try certificate.serializeAsPEM().pemString
        configuration = .makeServerConfiguration(
            certificateChain: [
                .certificate(try NIOSSLCertificate(bytes: Array(pem.utf8), format: .pem))
            ],
            privateKey: .privateKey(
                try NIOSSLPrivateKey(bytes: Array(key.pemRepresentation.utf8), format: .pem)
            )
        )
    }

    private static var extensions: Certificate.Extensions {
        get throws {
            try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(digitalSignature: true, keyCertSign: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames([
                    .dnsName("localhost"),
                    .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
                    .ipAddress(
                        ASN1OctetString(contentBytes: Array(repeating: 0, count: 15) + [1])
                    ),
                ])
            }
        }
    }
}
