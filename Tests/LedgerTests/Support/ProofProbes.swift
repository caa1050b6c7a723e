import Ledger
import Testing

/// An inclusion proof with all that it is checked against.
struct Inclusion: Sendable, CustomTestStringConvertible {
    var leaf: TreeHash
    var index: UInt64
    var size: UInt64
    var proof: [TreeHash]
    var root: TreeHash

    var testDescription: String { "leaf \(index) of \(size)" }

    var isAccepted: Bool {
        MerkleProof.verifyInclusion(
            leaf: leaf,
            index: index,
            size: size,
            proof: proof,
            root: root
        )
    }

    private func with(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        return copy
    }

    /// The probes of the reference set, and some of our own.
    ///
    /// Source: <https://github.com/transparency-dev/merkle>, `testdata/inclusion`.
    var changed: [(String, Self)] {
        let random = TreeHash.leaf("random".utf8)
        var probes = [
            ("index − 1", with { $0.index &-= 1 }),
            ("index + 1", with { $0.index += 1 }),
            ("index xor 2", with { $0.index ^= 2 }),
            ("size doubled", with { $0.size *= 2 }),
            ("size halved", with { $0.size /= 2 }),
            ("root of nothing", with { $0.root = .emptyRoot }),
            ("random root", with { $0.root = random }),
            ("another leaf", with { $0.leaf = random }),
        ]
        probes += changedProofs(of: proof, [root, random, .emptyRoot]).map { name, proof in
            (name, with { $0.proof = proof })
        }
        return probes
    }
}

/// A consistency proof with all that it is checked against.
struct Consistency: Sendable, CustomTestStringConvertible {
    var first: UInt64
    var second: UInt64
    var proof: [TreeHash]
    var firstRoot: TreeHash
    var secondRoot: TreeHash

    var testDescription: String { "\(first) → \(second)" }

    var isAccepted: Bool {
        MerkleProof.verifyConsistency(
            first: first,
            second: second,
            proof: proof,
            firstRoot: firstRoot,
            secondRoot: secondRoot
        )
    }

    private func with(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        return copy
    }

    /// The probes of the reference set, and some of our own.
    ///
    /// Source: <https://github.com/transparency-dev/merkle>, `testdata/consistency`.
    var changed: [(String, Self)] {
        let random = TreeHash.leaf("random".utf8)
        var probes = [
            ("first size − 1", with { $0.first -= 1 }),
            ("first size + 1", with { $0.first += 1 }),
            ("first size xor 2", with { $0.first ^= 2 }),
            ("second size doubled", with { $0.second *= 2 }),
            ("second size halved", with { $0.second /= 2 }),
            ("roots exchanged", with { swap(&$0.firstRoot, &$0.secondRoot) }),
            ("sizes exchanged", with { swap(&$0.first, &$0.second) }),
            ("first root of nothing", with { $0.firstRoot = .emptyRoot }),
            ("second root of nothing", with { $0.secondRoot = .emptyRoot }),
            ("random first root", with { $0.firstRoot = random }),
            ("random second root", with { $0.secondRoot = random }),
        ]
        let foreign = [firstRoot, secondRoot, random, .emptyRoot]
        probes += changedProofs(of: proof, foreign).map { name, proof in
            (name, with { $0.proof = proof })
        }
        return probes
    }
}

/// A proof with hashes put in, taken out, exchanged and changed.
private func changedProofs(
    of proof: [TreeHash],
    _ foreign: [TreeHash]
) -> [(String, [TreeHash])] {
    var probes: [(String, [TreeHash])] = []
    for hash in foreign {
        for place in 0...proof.count {
            var longer = proof
            longer.insert(hash, at: place)
            probes.append(("a hash more at \(place)", longer))
        }
    }
    for place in proof.indices {
        var shorter = proof
        shorter.remove(at: place)
        probes.append(("without the hash at \(place)", shorter))
        for bit in [0, 7, 128, 255] {
            var bytes = proof[place].bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            var flipped = proof
            flipped[place] = TreeHash(bytes: bytes) ?? .emptyRoot
            probes.append(("bit \(bit) of hash \(place) flipped", flipped))
        }
    }
    if !proof.isEmpty { probes.append(("no hashes", [])) }
    if proof.count > 1 { probes.append(("backwards", proof.reversed())) }
    probes.append(("64 hashes", Array(repeating: proof.first ?? .emptyRoot, count: 64)))
    return probes
}
