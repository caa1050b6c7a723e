import Ledger

extension EventStoreConformance {
    static let cursors = [
        Promise("knows no cursor at first") { store in
            try expectEqual(try await store.cursor("reader"), 0, "the cursor")
        },
        Promise("moves cursors by number, not by text: 9 to 10, 99 to 100") { store in
            try await store.fill(120)
            for position: Int64 in [9, 10, 99, 100, 120, 7, 0] {
                try await store.setCursor("reader", to: position)
                try expectEqual(try await store.cursor("reader"), position, "the cursor")
            }
            try expectEqual(try await store.cursor("other"), 0, "another reader's cursor")
        },
        Promise("refuses a cursor beyond the head, and one before the beginning") { store in
            try await store.fill(10)
            try await store.setCursor("reader", to: 10)
            for position: Int64 in [11, 100, -1, .max, .min] {
                let error = await store.errorOf { () throws(LedgerError) in
                    try await store.setCursor("reader", to: position)
                }
                guard case .storage = error else {
                    throw BrokenPromise(description: "\(position): \(String(describing: error))")
                }
            }
            try expectEqual(try await store.cursor("reader"), 10, "the cursor")
        },
    ]

    static let tree = [
        Promise("changes its root with every event") { store in
            var roots: Set<TreeHash> = [try await store.head().root]
            for number in 1...20 {
                try await store.append([.sample(number)], to: "a")
                roots.insert(try await store.head().root)
            }
            try expectEqual(roots.count, 21, "the number of roots")
        },
        Promise("proves every event in every size of the tree") { store in
            var roots: [TreeHash] = []
            for number in 1...17 {
                try await store.append([.sample(number)], to: "a")
                roots.append(try await store.head().root)
            }
            let leaves = try await leafHashes(store, count: 17)
            for size in 1...17 {
                for position in 1...size {
                    let proof = try await store.inclusionProof(
                        of: Int64(position),
                        size: Int64(size)
                    )
                    let isProven = MerkleProof.verifyInclusion(
                        leaf: leaves[position - 1],
                        index: UInt64(position - 1),
                        size: UInt64(size),
                        proof: proof,
                        root: roots[size - 1]
                    )
                    try expect(isProven, "event \(position) is not proven to be among \(size)")
                }
            }
        },
        Promise("has the root of the tree over the leaves that its proofs are for") { store in
            try await store.fill(70)
            var frontier = TreeFrontier()
            for leaf in try await leafHashes(store, count: 70) { frontier.append(leaf) { _, _ in } }
            try expectEqual(try await store.head().root, frontier.root, "the root")
        },
        Promise("refuses proofs that cannot be") { store in
            try await store.fill(10)
            for (position, size) in [(0, 5), (6, 5), (1, 11), (11, 11), (-1, 5), (1, 0)] {
                let error = await store.errorOf { () throws(LedgerError) in
                    _ = try await store.inclusionProof(of: Int64(position), size: Int64(size))
                }
                guard case .storage = error else {
                    throw BrokenPromise(description: "\(position) of \(size) was not refused")
                }
            }
        },
    ]

    /// The leaf hashes, out of proofs alone: the proof of an event begins with its neighbour's hash.
    private static func leafHashes(
        _ store: any EventStore,
        count: Int
    ) async throws -> [TreeHash] {
        // The last event of an odd number has no neighbour yet.
        if !count.isMultiple(of: 2) { try await store.append([.sample(9_999_999)], to: "last") }
        var hashes: [TreeHash] = []
        for position in 1...count {
            let isLeft = !position.isMultiple(of: 2)
            let neighbour = Int64(isLeft ? position + 1 : position - 1)
            let size = Int64(isLeft ? position + 1 : position)
            let proof = try await store.inclusionProof(of: neighbour, size: size)
            guard let hash = proof.first else {
                throw BrokenPromise(description: "the proof of event \(neighbour) is empty")
            }
            hashes.append(hash)
        }
        return hashes
    }

    static let concurrency = [
        Promise("gives concurrent writers positions without gaps") { store in
            let positions = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        var positions: [Int64] = []
                        for number in 0..<25 {
                            let event = NewEvent.sample(writer * 1_000 + number)
                            let appended = try await store.append([event], to: "writer-\(writer)")
                            positions += appended.map(\.position)
                        }
                        return positions
                    }
                }
                return try await group.reduce(into: []) { $0 += [$1] }
            }
            try expectEqual(positions.flatMap { $0 }.sorted(), Array(1...200), "the positions")
            try expect(
                positions.allSatisfy { $0 == $0.sorted() },
                "a writer's events changed order"
            )
        },
        Promise("lets one of many writers win who expect the same revision") { store in
            let winners = await withTaskGroup(of: Bool.self) { group in
                for writer in 0..<10 {
                    group.addTask {
                        await store.errorOf { () throws(LedgerError) in
                            try await store.append([.sample(writer)], to: "a", expecting: .none)
                        } == nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try expectEqual(winners, 1, "the number of winners")
            try expectEqual(try await store.head().position, 1, "the head")
        },
    ]
}
