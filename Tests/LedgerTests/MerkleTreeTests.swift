import Ledger
import TestSupport
import Testing

@Suite("Merkle tree")
struct MerkleTreeTests {
    /// Vectors of the reference tests of RFC 6962.
    @Test("hashes as RFC 6962 says")
    func hashes() throws {
        #expect(
            TreeHash.emptyRoot.description
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        #expect(
            TreeHash.leaf([]).description
                == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        )
        #expect(
            TreeHash.leaf("L123456".utf8).description
                == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
        )
    }

    @Test("puts a node's two hashes behind the byte 1, as they are")
    func nodeHash() throws {
        let (left, right) = (TreeHash(EightLeafTree.leaves[0]), TreeHash(EightLeafTree.leaves[1]))
        #expect(TreeHash.node(left, right) == TreeHash(EightLeafTree.nodes["H01"] ?? ""))
        #expect(TreeHash.node(right, left) != TreeHash.node(left, right))
    }

    @Test("takes a hash of 32 bytes and no other", arguments: [0, 1, 31, 32, 33, 64])
    func length(count: Int) {
        let hash = TreeHash(bytes: Array(repeating: 7, count: count))
        #expect((hash != nil) == (count == 32))
    }

    @Test("numbers its stored nodes as Go's tlog does")
    func storedIndexes() {
        let rows: [[UInt64]] = [[0, 1, 3, 4, 7, 8, 10, 11], [2, 5, 9, 12], [6, 13], [14]]
        for (level, row) in rows.enumerated() {
            for (index, stored) in row.enumerated() {
                #expect(TreeNode(level: level, index: UInt64(index)).storedIndex == stored)
            }
        }
    }

    @Test("counts its stored nodes as Go's tlog does")
    func storedCounts() {
        let counts: [UInt64] = [
            0, 1, 3, 4, 7, 8, 10, 11, 15, 16, 18, 19, 22, 23, 25, 26, 31,
        ]
        #expect((0...16).map { TreeNode.storedCount(leaves: $0) } == counts)
    }

    @Test("gives the nodes that become complete the numbers 0, 1, 2, …")
    func storedOrder() {
        var numbers: [UInt64] = []
        var frontier = TreeFrontier()
        for number in 0..<200 {
            frontier.append(.leaf([UInt8(number)])) { node, _ in numbers.append(node.storedIndex) }
            #expect(UInt64(numbers.count) == TreeNode.storedCount(leaves: frontier.size))
        }
        #expect(numbers == (0..<UInt64(numbers.count)).map { $0 })
    }

    @Test("has the known leaves and roots", arguments: 0...8)
    func knownRoots(size: Int) {
        let leaves = EightLeafTree.data.map { TreeHash.leaf(unhexed($0) ?? []) }
        #expect(leaves.map(\.description) == EightLeafTree.leaves)
        let tree = StoredTree(leaves.prefix(size))
        #expect(tree.frontier.root.description == EightLeafTree.roots[size])
    }

    @Test("goes on from its stored frontier", arguments: 0...70)
    func frontier(size: Int) {
        let leaves = (0..<80).map { TreeHash.leaf([UInt8($0)]) }
        let whole = StoredTree(leaves)
        var frontier = TreeFrontier(size: UInt64(size), hash: whole.node)
        #expect(frontier.root == StoredTree(leaves.prefix(size)).frontier.root)
        for leaf in leaves[size...] { frontier.append(leaf) { _, _ in } }
        #expect(frontier.root == whole.frontier.root)
        #expect(frontier.size == 80)
    }

    @Test("has the root and proofs of the recursive definition", arguments: 0...70)
    func smallSizes(size: Int) {
        let leaves = (0..<size).map { TreeHash.leaf([UInt8($0)]) }
        let (reference, stored) = (ReferenceTree(leaves), StoredTree(leaves))
        #expect(stored.frontier.root == reference.root(size: size))
        for index in 0..<size {
            #expect(stored.inclusion(index, size: size) == reference.inclusion(index, size: size))
        }
        for first in 0..<size {
            #expect(
                stored.consistency(first + 1, size) == reference.consistency(first + 1, size),
                "\(first + 1) → \(size)"
            )
        }
    }

    @Test("has the root and proofs of the recursive definition at random", arguments: 1...10)
    func largeSizes(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let size = Int.random(in: 71...5_000, using: &generator)
        let leaves = (0..<size).map { _ in TreeHash.leaf(generator.bytes(8)) }
        let (reference, stored) = (ReferenceTree(leaves), StoredTree(leaves))
        #expect(stored.frontier.root == reference.root(size: size))
        for _ in 0..<20 {
            let smaller = Int.random(in: 1...size, using: &generator)
            let index = Int.random(in: 0..<smaller, using: &generator)
            let inclusion = stored.inclusion(index, size: smaller)
            let consistency = stored.consistency(smaller, size)
            #expect(inclusion == reference.inclusion(index, size: smaller))
            #expect(consistency == reference.consistency(smaller, size))
            #expect(
                MerkleProof.verifyInclusion(
                    leaf: leaves[index],
                    index: UInt64(index),
                    size: UInt64(smaller),
                    proof: inclusion,
                    root: reference.root(size: smaller)
                )
            )
            #expect(
                MerkleProof.verifyConsistency(
                    first: UInt64(smaller),
                    second: UInt64(size),
                    proof: consistency,
                    firstRoot: reference.root(size: smaller),
                    secondRoot: reference.root(size: size)
                )
            )
        }
    }
}
