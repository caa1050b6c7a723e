import Ledger

/// The eight-leaf tree of the reference tests of RFC 6962.
///
/// Source: <https://github.com/transparency-dev/merkle>, `testonly/constants.go`. The hashes were
/// copied from there, not computed here.
enum EightLeafTree {
    static let data = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]

    static let leaves = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
        "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1",
    ]

    static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    /// `H03` is the node over the leaves 0 to 3, `L5` the leaf 5.
    static let nodes: [String: String] = [
        "H01": "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "H23": "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "H45": "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "H67": "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "H03": "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "H47": "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        "H46": "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e",
    ]

    /// Row: index; column: size, beginning with the size in which the leaf is the last one.
    static let inclusionProofs = [
        ["", "L1", "L1 L2", "L1 H23", "L1 H23 L4", "L1 H23 H45", "L1 H23 H46", "L1 H23 H47"],
        ["L0", "L0 L2", "L0 H23", "L0 H23 L4", "L0 H23 H45", "L0 H23 H46", "L0 H23 H47"],
        ["H01", "L3 H01", "L3 H01 L4", "L3 H01 H45", "L3 H01 H46", "L3 H01 H47"],
        ["L2 H01", "L2 H01 L4", "L2 H01 H45", "L2 H01 H46", "L2 H01 H47"],
        ["H03", "L5 H03", "L5 L6 H03", "L5 H67 H03"],
        ["L4 H03", "L4 L6 H03", "L4 H67 H03"],
        ["H45 H03", "L7 H45 H03"],
        ["L6 H45 H03"],
    ]

    /// Row: first size, from 1; column: second size, beginning with the next one.
    static let consistencyProofs = [
        ["L1", "L1 L2", "L1 H23", "L1 H23 L4", "L1 H23 H45", "L1 H23 H46", "L1 H23 H47"],
        ["L2", "H23", "H23 L4", "H23 H45", "H23 H46", "H23 H47"],
        ["L2 L3 H01", "L2 L3 H01 L4", "L2 L3 H01 H45", "L2 L3 H01 H46", "L2 L3 H01 H47"],
        ["L4", "H45", "H46", "H47"],
        ["L4 L5 H03", "L4 L5 L6 H03", "L4 L5 H67 H03"],
        ["H45 L6 H03", "H45 H67 H03"],
        ["L6 L7 H45 H03"],
    ]

    static func hashes(_ names: String) -> [TreeHash] {
        names.split(separator: " ").map { name in
            TreeHash(nodes[String(name)] ?? leaves[Int(name.dropFirst()) ?? 0])
        }
    }

    static let tree = StoredTree(data.map { .leaf(unhexed($0) ?? []) })
}
