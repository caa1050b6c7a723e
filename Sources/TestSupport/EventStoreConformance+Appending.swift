import Ledger

extension EventStoreConformance {
    static let order = [
        Promise("is empty at first") { store in
            try expectEqual(try await store.head().position, 0, "the head")
            try expectEqual(try await store.head().root, .emptyRoot, "the root")
            try expect(try await store.events(after: 0, limit: 10).isEmpty, "there are events")
            try expect(try await store.events(of: "a").isEmpty, "a stream has events")
        },
        Promise("gives back what was appended") { store in
            let parts = [PersonalPart(name: "booker", subject: "p1", content: [1, 2, 3])]
            let event = NewEvent.sample(1, parts: parts)
            try await store.append([event], to: "a")
            let stored = try await store.events(after: 0, limit: 10)
            try expectEqual(stored.count, 1, "the number of events")
            let found = stored[0]
            try expectEqual(found.id, event.id, "the id")
            try expectEqual(found.stream, "a", "the stream")
            try expectEqual(found.type, event.type, "the type")
            try expectEqual(found.schemaVersion, event.schemaVersion, "the schema version")
            try expectEqual(found.occurred, event.occurred, "when it happened")
            try expectEqual(found.correlation, event.correlation, "the correlation")
            try expectEqual(found.causation, event.causation, "the causation")
            try expectEqual(found.actor, event.actor, "the actor")
            try expectEqual(found.data, event.data, "the data")
            try expectEqual(found.parts, parts, "the personal parts")
        },
        Promise("numbers events 1, 2, 3, … in the order in which they were appended") { store in
            for number in 1...120 {
                try await store.append([.sample(number)], to: "s\(number % 7)")
            }
            let stored = try await store.events(after: 0, limit: 1_000)
            try expectEqual(stored.map(\.position), Array(1...120), "the positions")
            try expectEqual(stored.map(\.id), (1...120).map { NewEvent.sample($0).id }, "the order")
        },
        Promise("numbers the events of each stream 1, 2, 3, …") { store in
            for number in 1...30 { try await store.append([.sample(number)], to: "s\(number % 3)") }
            let stored = try await store.events(of: "s1")
            try expectEqual(stored.map(\.revision), Array(1...10), "the revisions")
            try expectEqual(stored.map(\.position), (0..<10).map { 1 + 3 * $0 }, "the positions")
            try expect(stored.allSatisfy { $0.stream == "s1" }, "another stream's event")
        },
        Promise("reads on from a position, at most as many as asked for") { store in
            try await store.fill(105)
            for (after, limit, expected) in [
                (0, 1, [1]), (9, 2, [10, 11]), (99, 2, [100, 101]), (104, 5, [105]), (105, 5, []),
                (1_000, 5, []),
            ] as [(Int64, Int, [Int64])] {
                let found = try await store.events(after: after, limit: limit).map(\.position)
                try expectEqual(found, expected, "\(limit) after \(after)")
            }
        },
        Promise("takes any bytes as data, and nearly any text as a name") { store in
            let data = (0...255).map { UInt8($0) }
            var event = NewEvent.sample(1)
            (event.data, event.correlation, event.actor) = (data, "a|b\u{0}\n'\"; 🦄", "")
            try await store.append([event], to: "stream '\"|é\n")
            let stored = try await store.events(of: "stream '\"|é\n")
            try expectEqual(stored.first?.data, data, "the data")
            try expectEqual(stored.first?.correlation, event.correlation, "the correlation")
            try expectEqual(stored.first?.actor, "", "the actor")
        },
        Promise("refuses names with a zero byte, where the store would cut them off") { store in
            let part = PersonalPart(name: "a\u{0}b", subject: "p1", content: [])
            for append in [
                StreamAppend(to: "a\u{0}b", [.sample(1)]),
                StreamAppend(to: "a", [.sample(2, type: "a\u{0}b")]),
                StreamAppend(to: "a", [.sample(3, parts: [part])]),
            ] {
                let error = await store.errorOf { () throws(LedgerError) in
                    try await store.append([append])
                }
                guard case .storage = error else {
                    throw BrokenPromise(description: "it threw \(String(describing: error))")
                }
            }
            try expectEqual(try await store.head().position, 0, "the head")
        },
    ]

    private struct Expectation {
        var expected: ExpectedRevision
        var existing: Int
        var isAllowed: Bool

        init(_ expected: ExpectedRevision, of existing: Int, isAllowed: Bool) {
            (self.expected, self.existing, self.isAllowed) = (expected, existing, isAllowed)
        }
    }

    private static let expectations = [
        Expectation(.any, of: 0, isAllowed: true),
        Expectation(.any, of: 2, isAllowed: true),
        Expectation(.none, of: 0, isAllowed: true),
        Expectation(.none, of: 1, isAllowed: false),
        Expectation(.exists, of: 0, isAllowed: false),
        Expectation(.exists, of: 1, isAllowed: true),
        Expectation(.exactly(0), of: 0, isAllowed: false),
        Expectation(.exactly(1), of: 0, isAllowed: false),
        Expectation(.exactly(1), of: 1, isAllowed: true),
        Expectation(.exactly(1), of: 2, isAllowed: false),
        Expectation(.exactly(3), of: 2, isAllowed: false),
        Expectation(.exactly(9), of: 10, isAllowed: false),
        Expectation(.exactly(10), of: 10, isAllowed: true),
    ]

    static let revisions = expectations.map { row in
        let verb = row.isAllowed ? "allows" : "refuses"
        return Promise("\(verb) \(row.expected) of a stream of \(row.existing)") { store in
            for number in 0..<row.existing { try await store.append([.sample(number)], to: "a") }
            try await store.append([.sample(500)], to: "b")
            let before = try await store.head()
            let error = await store.errorOf { () throws(LedgerError) in
                try await store.append([.sample(1_000)], to: "a", expecting: row.expected)
            }
            if row.isAllowed {
                try expect(error == nil, "it threw \(String(describing: error))")
                try expectEqual(
                    try await store.events(of: "a").count,
                    row.existing + 1,
                    "the number of events"
                )
                return
            }
            guard case .conflict(let stream, let expected, let actual) = error else {
                throw BrokenPromise(description: "it threw \(String(describing: error))")
            }
            try expectEqual(stream, "a", "the stream named")
            try expectEqual(expected, row.expected, "the expectation named")
            try expectEqual(actual, row.existing == 0 ? nil : Int64(row.existing), "the revision")
            try expectEqual(try await store.head(), before, "the head afterwards")
        }
    }

    static let repetition =
        [
            Promise("records an event once, however often it is appended") { store in
                let parts = [PersonalPart(name: "booker", subject: "p1", content: [1, 2, 3])]
                let event = NewEvent.sample(1, parts: parts)
                let first = try await store.append([event], to: "a")
                try await store.append([.sample(2)], to: "a")
                let before = try await store.head()
                let again = try await store.append([event], to: "a")
                try expectEqual(first, [Appended(position: 1, revision: 1, isNew: true)], "first")
                try expectEqual(again, [Appended(position: 1, revision: 1, isNew: false)], "again")
                try expectEqual(try await store.head(), before, "the head")
            },
            Promise("does not check the expectation of an append that is a repetition") { store in
                try await store.append([.sample(1)], to: "a", expecting: .none)
                let again = try await store.append([.sample(1)], to: "a", expecting: .none)
                try expectEqual(again.map(\.isNew), [false], "whether it is new")
            },
            Promise("checks the expectation when one event of several is new") { store in
                try await store.append([.sample(1)], to: "a")
                let error = await store.errorOf { () throws(LedgerError) in
                    try await store.append([.sample(1), .sample(2)], to: "a", expecting: .none)
                }
                guard case .conflict = error else {
                    throw BrokenPromise(description: "it threw \(String(describing: error))")
                }
                try expectEqual(try await store.head().position, 1, "the head")
            },
            Promise("records the new ones among events that were partly recorded before") { store in
                try await store.append([.sample(1), .sample(2)], to: "a")
                let results = try await store.append(
                    [.sample(2), .sample(3), .sample(1)],
                    to: "a"
                )
                try expectEqual(results.map(\.position), [2, 3, 1], "the positions")
                try expectEqual(results.map(\.isNew), [false, true, false], "whether they are new")
            },
            Promise("records an event once that is in one append twice") { store in
                let results = try await store.append([.sample(1), .sample(1)], to: "a")
                try expectEqual(results.map(\.position), [1, 1], "the positions")
                try expectEqual(results.map(\.isNew), [true, false], "whether they are new")
            },
        ]
        + changes.map { change in
            Promise("refuses a recorded id with another \(change.what)") { store in
                let parts = [PersonalPart(name: "booker", subject: "p1", content: [1, 2, 3])]
                let event = NewEvent.sample(1, parts: parts)
                try await store.append([event], to: "a")
                let before = try await store.head()
                var (other, stream) = (event, "a")
                change.apply(&other, &stream)
                let error = await store.errorOf { () throws(LedgerError) in
                    try await store.append([.sample(7), other], to: stream)
                }
                guard case .identifierReused(let id, let position) = error else {
                    throw BrokenPromise(description: "it threw \(String(describing: error))")
                }
                try expectEqual(id, event.id, "the id named")
                try expectEqual(position, 1, "the position named")
                try expectEqual(try await store.head(), before, "the head")
            }
        }

    private struct Change: Sendable {
        var what: String
        var apply: @Sendable (inout NewEvent, inout String) -> Void

        init(_ what: String, _ apply: @escaping @Sendable (inout NewEvent, inout String) -> Void) {
            (self.what, self.apply) = (what, apply)
        }
    }

    private static let changes = [
        Change("stream") { _, stream in stream = "b" },
        Change("type") { event, _ in event.type = "sample.changed" },
        Change("schema version") { event, _ in event.schemaVersion = 2 },
        Change("time") { event, _ in event.occurred += 1 },
        Change("correlation") { event, _ in event.correlation += "x" },
        Change("causation") { event, _ in event.causation = 77 },
        Change("actor") { event, _ in event.actor = "somebody" },
        Change("byte in its data") { event, _ in event.data[2] ^= 1 },
        Change("personal content") { event, _ in event.parts[0].content = [1, 2, 4] },
        Change("name of a personal part") { event, _ in event.parts[0].name = "guest" },
        Change("person") { event, _ in event.parts[0].subject = "p2" },
        Change("number of personal parts") { event, _ in event.parts = [] },
    ]

    static let atomicity = [
        Promise("appends to several streams at once") { store in
            let results = try await store.append([
                StreamAppend(to: "a", expecting: .none, [.sample(1), .sample(2)]),
                StreamAppend(to: "b", expecting: .none, [.sample(3)]),
                StreamAppend(to: "a", expecting: .exactly(2), [.sample(4)]),
            ])
            try expectEqual(results.map(\.position), [1, 2, 3, 4], "the positions")
            try expectEqual(results.map(\.revision), [1, 2, 1, 3], "the revisions")
        },
        Promise("records nothing of an append of which one stream is in conflict") { store in
            try await store.append([.sample(1)], to: "a")
            let before = try await store.head()
            let error = await store.errorOf { () throws(LedgerError) in
                try await store.append([
                    StreamAppend(to: "b", [.sample(2)]),
                    StreamAppend(to: "a", expecting: .none, [.sample(3)]),
                    StreamAppend(to: "c", [.sample(4)]),
                ])
            }
            try expect(error != nil, "it did not throw")
            try expectEqual(try await store.head(), before, "the head")
            try expect(try await store.events(of: "b").isEmpty, "stream 'b' has events")
            let next = try await store.append([.sample(2)], to: "b", expecting: .none)
            try expectEqual(next, [Appended(position: 2, revision: 1, isNew: true)], "the next one")
        },
        Promise("does nothing when there is nothing to append") { store in
            try expectEqual(try await store.append([]), [], "the results")
            try expectEqual(try await store.append([], to: "a"), [], "the results of a stream")
            try expectEqual(try await store.head().position, 0, "the head")
        },
    ]
}
