import Ledger
import TestSupport
import Testing

@Suite("Merkle proofs")
struct MerkleProofTests {
    static let inclusions = (1...8).flatMap { size in
        (0..<size).map { index in
            Inclusion(
                leaf: TreeHash(EightLeafTree.leaves[index]),
                index: UInt64(index),
                size: UInt64(size),
                proof: EightLeafTree.hashes(
                    EightLeafTree.inclusionProofs[index][size - max(1, index + 1)]
                ),
                root: TreeHash(EightLeafTree.roots[size])
            )
        }
    }

    static let consistencies = (1...7).flatMap { first in
        (first + 1...8).map { second in
            Consistency(
                first: UInt64(first),
                second: UInt64(second),
                proof: EightLeafTree.hashes(
                    EightLeafTree.consistencyProofs[first - 1][second - first - 1]
                ),
                firstRoot: TreeHash(EightLeafTree.roots[first]),
                secondRoot: TreeHash(EightLeafTree.roots[second])
            )
        }
    }

    @Test("of inclusion are the known ones", arguments: inclusions)
    func knownInclusion(known: Inclusion) {
        let proof = EightLeafTree.tree.inclusion(Int(known.index), size: Int(known.size))
        #expect(proof == known.proof)
        #expect(known.isAccepted)
    }

    @Test("of consistency are the known ones", arguments: consistencies)
    func knownConsistency(known: Consistency) {
        let proof = EightLeafTree.tree.consistency(Int(known.first), Int(known.second))
        #expect(proof == known.proof)
        #expect(known.isAccepted)
    }

    /// The classic cases of the reference tests, in full.
    @Test("of the classic cases are the known ones to the byte")
    func classicCases() {
        let tree = EightLeafTree.tree
        let leaves = EightLeafTree.leaves
        let h01 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
        let h23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
        let h03 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
        let h45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
        let h46 = "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e"
        let h47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
        let h67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
        let cases: [([TreeHash], [String])] = [
            (tree.inclusion(0, size: 8), [leaves[1], h23, h47]),
            (tree.inclusion(5, size: 8), [leaves[4], h67, h03]),
            (tree.inclusion(2, size: 3), [h01]),
            (tree.inclusion(1, size: 5), [leaves[0], h23, leaves[4]]),
            (tree.consistency(1, 8), [leaves[1], h23, h47]),
            (tree.consistency(6, 8), [h45, h67, h03]),
            (tree.consistency(2, 5), [h23, leaves[4]]),
            (tree.consistency(3, 7), [leaves[2], leaves[3], h01, h46]),
        ]
        for (proof, expected) in cases { #expect(proof.map(\.description) == expected) }
    }

    @Test("of a tree with itself are empty, and only the same root is accepted", arguments: 1...8)
    func sameSize(size: Int) {
        var probe = Consistency(
            first: UInt64(size),
            second: UInt64(size),
            proof: [],
            firstRoot: TreeHash(EightLeafTree.roots[size]),
            secondRoot: TreeHash(EightLeafTree.roots[size])
        )
        #expect(EightLeafTree.tree.consistency(size, size).isEmpty)
        #expect(probe.isAccepted)
        probe.secondRoot = TreeHash(EightLeafTree.roots[size - 1])
        #expect(!probe.isAccepted)
        probe.secondRoot = probe.firstRoot
        probe.proof = [probe.firstRoot]
        #expect(!probe.isAccepted)
    }

    @Test("of inclusion are refused after any change", arguments: inclusions)
    func changedInclusion(known: Inclusion) {
        for (name, probe) in known.changed {
            #expect(!probe.isAccepted, "\(name): \(probe)")
        }
    }

    @Test("of consistency are refused after any change", arguments: consistencies)
    func changedConsistency(known: Consistency) {
        for (name, probe) in known.changed {
            #expect(!probe.isAccepted, "\(name): \(probe)")
        }
    }

    @Test("are refused for sizes that no ledger reaches")
    func hugeSizes() {
        var inclusion = Self.inclusions[0]
        (inclusion.index, inclusion.size) = (0, 1 << 63)
        #expect(!inclusion.isAccepted)
        (inclusion.index, inclusion.size) = (.max - 1, .max)
        #expect(!inclusion.isAccepted)
        var consistency = Self.consistencies[0]
        (consistency.first, consistency.second) = (1, 1 << 63)
        #expect(!consistency.isAccepted)
        (consistency.first, consistency.second) = (.max, .max)
        (consistency.firstRoot, consistency.proof) = (consistency.secondRoot, [])
        #expect(!consistency.isAccepted)
    }

    @Test("of nothing are refused")
    func emptyTree() {
        #expect(
            !MerkleProof.verifyInclusion(
                leaf: .leaf([]),
                index: 0,
                size: 0,
                proof: [],
                root: .emptyRoot
            )
        )
        #expect(
            !MerkleProof.verifyConsistency(
                first: 0,
                second: 5,
                proof: [],
                firstRoot: .emptyRoot,
                secondRoot: TreeHash(EightLeafTree.roots[5])
            )
        )
    }

    /// The reason why size and root have to come from one signed checkpoint.
    @Test("do not bind the size of the tree")
    func sizeIsNotBound() {
        var probe = Self.inclusions.first { $0.index == 0 && $0.size == 3 }
        #expect(probe?.isAccepted == true)
        probe?.size = 4
        #expect(probe?.isAccepted == true)
    }
}
