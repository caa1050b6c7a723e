import Ledger

/// The tree of RFC 6962 as its text defines it: recursively, and without stored nodes.
final class ReferenceTree {
    let leaves: [TreeHash]
    private var known: [Range<Int>: TreeHash] = [:]

    init(_ leaves: [TreeHash]) { self.leaves = leaves }

    /// `MTH`: RFC 6962, section 2.1.
    func root(_ range: Range<Int>) -> TreeHash {
        if let hash = known[range] { return hash }
        let hash: TreeHash
        switch range.count {
        case 0: hash = .emptyRoot
        case 1: hash = leaves[range.lowerBound]
        default:
            let middle = range.lowerBound + split(range.count)
            hash = .node(root(range.lowerBound..<middle), root(middle..<range.upperBound))
        }
        known[range] = hash
        return hash
    }

    func root(size: Int) -> TreeHash { root(0..<size) }

    /// `PATH`: RFC 6962, section 2.1.1.
    func inclusion(_ index: Int, size: Int) -> [TreeHash] { inclusion(index, 0..<size) }

    private func inclusion(_ index: Int, _ range: Range<Int>) -> [TreeHash] {
        guard range.count > 1 else { return [] }
        let middle = range.lowerBound + split(range.count)
        let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
        return index < middle
            ? inclusion(index, left) + [root(right)] : inclusion(index, right) + [root(left)]
    }

    /// `PROOF`: RFC 6962, section 2.1.2.
    func consistency(_ first: Int, _ second: Int) -> [TreeHash] {
        subproof(first, 0..<second, isWhole: true)
    }

    private func subproof(_ first: Int, _ range: Range<Int>, isWhole: Bool) -> [TreeHash] {
        if first == range.count { return isWhole ? [] : [root(range)] }
        let half = split(range.count)
        let middle = range.lowerBound + half
        let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
        return first <= half
            ? subproof(first, left, isWhole: isWhole) + [root(right)]
            : subproof(first - half, right, isWhole: false) + [root(left)]
    }

    /// The largest power of two that is less than a count of at least two.
    private func split(_ count: Int) -> Int {
        var half = 1
        while half * 2 < count { half *= 2 }
        return half
    }
}

/// A tree as the ledger keeps it: a frontier, and every complete node by its number.
struct StoredTree {
    private(set) var frontier = TreeFrontier()
    private(set) var nodes: [UInt64: TreeHash] = [:]

    init(_ leaves: some Sequence<TreeHash>) {
        for leaf in leaves { frontier.append(leaf) { nodes[$0.storedIndex] = $1 } }
    }

    func node(_ node: TreeNode) -> TreeHash { nodes[node.storedIndex] ?? .emptyRoot }

    func inclusion(_ index: Int, size: Int) -> [TreeHash] {
        MerkleProof.inclusion(index: UInt64(index), size: UInt64(size), hash: node)
    }

    func consistency(_ first: Int, _ second: Int) -> [TreeHash] {
        MerkleProof.consistency(first: UInt64(first), second: UInt64(second), hash: node)
    }
}
