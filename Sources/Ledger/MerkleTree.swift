import Crypto

/// A SHA-256 hash.
public struct TreeHash: Hashable, Sendable, CustomStringConvertible {
    /// The bytes as they lie in memory: an array would take an allocation for each node of a tree.
    private let words: Words

    private struct Words: Hashable {
        var (first, second, third, fourth): (UInt64, UInt64, UInt64, UInt64)
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    /// Takes 32 bytes, or returns nil for any other number.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        words = Array(bytes).withUnsafeBytes { $0.loadUnaligned(as: Words.self) }
    }

    fileprivate init(_ digest: SHA256Digest) {
        words = digest.withUnsafeBytes { $0.loadUnaligned(as: Words.self) }
    }

    /// Lends the 32 bytes without a copy.
    func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        try withUnsafeBytes(of: words, body)
    }

    /// Whether these are the bytes.
    func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        withUnsafeBytes(of: words) { $0.isEqual(to: other) }
    }

    /// Lower-case hexadecimal.
    public var description: String { bytes.hexadecimal }

    /// The hash of a tree without leaves.
    public static let emptyRoot = Self(SHA256.hash(data: [UInt8]()))

    /// The hash of a leaf: RFC 6962, section 2.1.
    public static func leaf(_ data: some Sequence<UInt8>) -> Self {
        var hasher = SHA256()
        hasher.update(data: [0])
        let isTaken: Void? = data.withContiguousStorageIfAvailable { bytes in
            hasher.update(bufferPointer: UnsafeRawBufferPointer(bytes))
        }
        if isTaken == nil { hasher.update(data: Array(data)) }
        return Self(hasher.finalize())
    }

    /// The hash of an inner node: RFC 6962, section 2.1.
    public static func node(_ left: Self, _ right: Self) -> Self {
        var hasher = SHA256()
        hasher.update(data: [1])
        withUnsafeBytes(of: left.words) { hasher.update(bufferPointer: $0) }
        withUnsafeBytes(of: right.words) { hasher.update(bufferPointer: $0) }
        return Self(hasher.finalize())
    }
}

/// The place of a complete subtree: `index` counts the subtrees of its level from the left.
public struct TreeNode: Hashable, Sendable {
    /// 0 for leaves; a subtree of level n has 2ⁿ leaves.
    public var level: Int
    /// The number of subtrees of this level to the left of it.
    public var index: UInt64

    /// Names a place.
    public init(level: Int, index: UInt64) { (self.level, self.index) = (level, index) }

    /// The number under which the node is stored: nodes are counted as they become complete.
    ///
    /// Source: `StoredHashIndex` of Go's `sumdb/tlog`.
    public var storedIndex: UInt64 {
        var leaf = index
        for _ in 0..<level { leaf = 2 * leaf + 1 }
        var stored: UInt64 = 0
        while leaf > 0 {
            stored += leaf
            leaf >>= 1
        }
        return stored + UInt64(level)
    }

    /// How many nodes a tree of some leaves has stored.
    public static func storedCount(leaves: UInt64) -> UInt64 {
        guard leaves > 0 else { return 0 }
        var count: UInt64 = 0
        var rest = leaves
        while rest > 0 {
            count += rest
            rest >>= 1
        }
        return count
    }
}

/// The hashes of the complete subtrees at the right edge of a tree: what appending needs.
public struct TreeFrontier: Hashable, Sendable {
    /// How many leaves the tree has.
    public private(set) var size: UInt64
    /// By level; nil where the tree has no such subtree at its edge.
    private var hashes: [TreeHash?]

    /// The frontier of an empty tree.
    public init() { (size, hashes) = (0, Array(repeating: nil, count: UInt64.bitWidth)) }

    /// The nodes that make up the frontier of a tree, the largest first.
    public static func nodes(size: UInt64) -> [TreeNode] {
        (0..<64).reversed().filter { size >> UInt64($0) & 1 == 1 }.map { level in
            TreeNode(level: level, index: (size >> UInt64(level)) - 1)
        }
    }

    /// Takes up the frontier of a stored tree.
    ///
    /// - Parameters:
    ///   - size: How many leaves the tree has.
    ///   - hash: Looks a stored node up.
    public init(size: UInt64, hash: (TreeNode) throws -> TreeHash) rethrows {
        self.init()
        self.size = size
        for node in Self.nodes(size: size) { hashes[node.level] = try hash(node) }
    }

    /// Adds a leaf.
    ///
    /// - Parameters:
    ///   - leaf: The hash of the leaf.
    ///   - store: Takes every node that became complete, the leaf first.
    public mutating func append(
        _ leaf: TreeHash,
        store: (TreeNode, TreeHash) throws -> Void
    ) rethrows {
        var (hash, level, index) = (leaf, 0, size)
        try store(TreeNode(level: 0, index: index), hash)
        while index & 1 == 1, let left = hashes[level] {
            hash = .node(left, hash)
            (level, index) = (level + 1, index >> 1)
            try store(TreeNode(level: level, index: index), hash)
        }
        hashes[level] = hash
        size += 1
        for stale in 0..<level { hashes[stale] = nil }
    }

    /// The root of the tree.
    public var root: TreeHash {
        let rising = hashes.compactMap(\.self)
        guard let lowest = rising.first else { return .emptyRoot }
        return rising.dropFirst().reduce(lowest) { .node($1, $0) }
    }
}

/// Proofs over stored trees, and their verification: RFC 6962, section 2.1 and RFC 9162, 2.1.
///
/// A proof does not bind the size of the tree. Size and root have to come together from one
/// verified checkpoint.
public enum MerkleProof {
    /// The longest proof that can be: one hash per bit of a size.
    static let longest = 63

    /// The hash of the leaves in a range, from stored nodes.
    static func rangeHash(
        _ range: Range<UInt64>,
        hash: (TreeNode) throws -> TreeHash
    ) rethrows -> TreeHash {
        let count = UInt64(range.count)
        if count == 0 { return .emptyRoot }
        if count & (count - 1) == 0, range.lowerBound % count == 0 {
            let level = count.trailingZeroBitCount
            return try hash(TreeNode(level: level, index: range.lowerBound >> UInt64(level)))
        }
        let middle = range.lowerBound + split(count)
        return .node(
            try rangeHash(range.lowerBound..<middle, hash: hash),
            try rangeHash(middle..<range.upperBound, hash: hash)
        )
    }

    /// The proof that a leaf is in a tree, leaf side first.
    ///
    /// - Parameters:
    ///   - index: The leaf, counted from 0; less than `size`.
    ///   - size: How many leaves the tree has.
    ///   - hash: Looks a stored node up.
    /// - Returns: The hashes, leaf side first.
    public static func inclusion(
        index: UInt64,
        size: UInt64,
        hash: (TreeNode) throws -> TreeHash
    ) rethrows -> [TreeHash] {
        try path(index, 0..<size, hash: hash)
    }

    private static func path(
        _ index: UInt64,
        _ range: Range<UInt64>,
        hash: (TreeNode) throws -> TreeHash
    ) rethrows -> [TreeHash] {
        guard range.count > 1 else { return [] }
        let middle = range.lowerBound + split(UInt64(range.count))
        let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
        return index < middle
            ? try path(index, left, hash: hash) + [rangeHash(right, hash: hash)]
            : try path(index, right, hash: hash) + [rangeHash(left, hash: hash)]
    }

    /// The proof that a smaller tree is the beginning of a larger one.
    ///
    /// - Parameters:
    ///   - first: The size of the smaller tree; at least 1.
    ///   - second: The size of the larger tree.
    ///   - hash: Looks a stored node up.
    /// - Returns: The hashes, in the order of RFC 6962.
    public static func consistency(
        first: UInt64,
        second: UInt64,
        hash: (TreeNode) throws -> TreeHash
    ) rethrows -> [TreeHash] {
        try subproof(first, 0..<second, isWhole: true, hash: hash)
    }

    private static func subproof(
        _ first: UInt64,
        _ range: Range<UInt64>,
        isWhole: Bool,
        hash: (TreeNode) throws -> TreeHash
    ) rethrows -> [TreeHash] {
        if first == range.upperBound { return isWhole ? [] : [try rangeHash(range, hash: hash)] }
        let middle = range.lowerBound + split(UInt64(range.count))
        let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
        return first <= middle
            ? try subproof(first, left, isWhole: isWhole, hash: hash)
                + [rangeHash(right, hash: hash)]
            : try subproof(first, right, isWhole: false, hash: hash)
                + [rangeHash(left, hash: hash)]
    }

    /// The largest power of two that is less than a count of at least two.
    private static func split(_ count: UInt64) -> UInt64 {
        1 << UInt64(63 - (count - 1).leadingZeroBitCount)
    }

    /// Whether a proof shows that a leaf is in a tree.
    public static func verifyInclusion(
        leaf: TreeHash,
        index: UInt64,
        size: UInt64,
        proof: [TreeHash],
        root: TreeHash
    ) -> Bool {
        guard index < size, size < 1 << 63, proof.count <= longest else { return false }
        var (node, last, hash) = (index, size - 1, leaf)
        for sibling in proof {
            guard last != 0 else { return false }
            if node & 1 == 1 || node == last {
                hash = .node(sibling, hash)
                if node & 1 == 0 {
                    repeat {
                        (node, last) = (node >> 1, last >> 1)
                    } while node & 1 == 0 && node != 0
                }
            } else {
                hash = .node(hash, sibling)
            }
            (node, last) = (node >> 1, last >> 1)
        }
        return last == 0 && hash == root
    }

    /// Whether a proof shows that a tree is the beginning of another.
    public static func verifyConsistency(
        first: UInt64,
        second: UInt64,
        proof: [TreeHash],
        firstRoot: TreeHash,
        secondRoot: TreeHash
    ) -> Bool {
        guard first > 0, first <= second, second < 1 << 63, proof.count <= longest else {
            return false
        }
        if first == second { return proof.isEmpty && firstRoot == secondRoot }
        guard !proof.isEmpty else { return false }
        let path = first & (first - 1) == 0 ? [firstRoot] + proof : proof
        var (node, last) = (first - 1, second - 1)
        while node & 1 == 1 { (node, last) = (node >> 1, last >> 1) }
        var (old, new) = (path[0], path[0])
        for sibling in path.dropFirst() {
            guard last != 0 else { return false }
            if node & 1 == 1 || node == last {
                (old, new) = (.node(sibling, old), .node(sibling, new))
                while node & 1 == 0, node != 0 { (node, last) = (node >> 1, last >> 1) }
            } else {
                new = .node(new, sibling)
            }
            (node, last) = (node >> 1, last >> 1)
        }
        return last == 0 && old == firstRoot && new == secondRoot
    }
}
