/// Signed texts whose bytes others computed.
///
/// Source: `facts/ledger-and-reconciliation.md` 4.5 and 4.6. They are verified and not compared
/// with new signatures: not every library signs the same text with the same bytes.
enum NoteVectors {
    struct Example: Sendable {
        var key: String
        var text: String
        var line: String
        var whole: String { "\(text)\n\(line)\n" }
    }

    private static let saying = """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        """

    static let examples = [
        Example(
            key: "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            text: "This is an example message.\n",
            line: """
                — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYj\
                OBH3mFXmRKuwHjG1Yu72IneyaQM=
                """
        ),
        Example(
            key: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            text: saying,
            line: """
                — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf\
                qdngotpRZb6KE6RyyBwJnAM=
                """
        ),
        Example(
            key: "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
            text: saying,
            line: """
                — EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOT\
                GwnWLox33WWd1RvMc+QQ=
                """
        ),
    ]

    static let logKey =
        "ledger.example/acme+cc5d0471+AXm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk"
    static let logSecret =
        "PRIVATE+KEY+ledger.example/acme+cc5d0471+AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
    static let witnessKey =
        "witness.example/w1+7bede9df+BOfxYqEL7FWa/qGV5NzoS2lWjV0ssJY+tEbAaF4rF/Lw"
    static let witnessSeed = (0x21...0x40).map { UInt8($0) }

    /// The signed checkpoints of the eight-leaf tree, by size.
    static let checkpoints: [Int: String] = [
        0: checkpoint(
            0,
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            """
            zF0EcVNFg+M23Z03QC56IRRpUutOi5IT1e8blXgBfNmNB50eWgLc7vbXcPQdDPGIKEY39/vDwJ3mHQ6oL6AH4kYM\
            bAU=
            """
        ),
        1: checkpoint(
            1,
            "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=",
            """
            zF0EcedIQyzHpgx0LN5uN4ZMGVzrRotTNBJ51wXKERpUX/CePF23Oxjp3DHgD3vqYed3Mxl0e4VvxYcuh/N+KNDB\
            Mgw=
            """
        ),
        6: checkpoint(
            6,
            "duZ9rbzfHhDht03cYIq9L5jfsW+851J3tSMqEn8gh+8=",
            """
            zF0EcY9Nov1cFG+AXaR0k1HU5tE7qrKQyz/d4zGuO/MDt2XXj5wrPUGjOJTJ9e3MyAZLCq+BVMKl4FhYjxAPOcse\
            TAQ=
            """
        ),
        8: checkpoint(8, root8, signature8),
    ]

    private static let root8 = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="
    private static let signature8 = """
        zF0EcZbNuPXOT7Il9j8T03h1lNCABrZgKGcTs9XXGe4ejly7mypJyH6yy4jTsUQ4WYl3YJHqV/PqxR13ES4EsM5UvQQ=
        """

    private static func checkpoint(_ size: Int, _ root: String, _ signature: String) -> String {
        """
        ledger.example/acme
        \(size)
        \(root)

        — ledger.example/acme \(signature)

        """
    }

    /// Checkpoint 8 with a cosignature made at 1,700,000,000 seconds.
    static let cosigned =
        checkpoint(8, root8, signature8)
            + """
            — witness.example/w1 e+3p3wAAAABlU/EA21b0FWeecdRQUIzWwRZRPAnbvj4PX87BnyP4XJfTkmPHoIyAZ8yInbDU\
            UFUhjb/UB6uc58p8VK5/krx3xxe9Dg==

            """

    /// The proof of leaf 5 in the tree of eight.
    static let proof =
        """
        c2sp.org/tlog-proof@v1
        index 5
        vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=
        yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=
        037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=


        """ + cosigned

    /// The proof that the tree of six is the beginning of the tree of eight.
    static let consistency =
        """
        old 6
        DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o=
        yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=
        037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=


        """ + checkpoint(8, root8, signature8)
}
