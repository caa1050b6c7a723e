import Domain

/// The order that references between writes demand.
struct WriteOrder {
    private var levels: [Int: Int] = [:]
    /// The writes that wait for each other in a circle, or for themselves.
    private(set) var stuck: [Int] = []

    /// Orders writes.
    ///
    /// A write that nothing waits for moves to the level of the last one of its form and object,
    /// so that 200 event records make one subrequest even if only some await a contact.
    init(_ writes: [Int], of requests: [WriteRequest]) {
        let places = Dictionary(
            writes.map { (requests[$0].operation, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let awaited = Dictionary(
            uniqueKeysWithValues: writes.map { write in
                (write, requests[write].awaited.compactMap { places[$0] })
            }
        )
        sort(writes, awaited)
        raise(writes, of: requests, awaitedByOthers: Set(awaited.values.joined()))
    }

    /// The level of a write, 0 if it waits for nothing; nil if it is stuck.
    func level(of write: Int) -> Int? { levels[write] }

    private mutating func sort(_ writes: [Int], _ awaited: [Int: [Int]]) {
        var rest = writes
        var level = 0
        while !rest.isEmpty {
            let ready = rest.filter { write in
                (awaited[write] ?? []).allSatisfy { levels[$0] != nil }
            }
            guard !ready.isEmpty else {
                stuck = rest
                return
            }
            let isReady = Set(ready)
            for write in ready { levels[write] = level }
            rest.removeAll { isReady.contains($0) }
            level += 1
        }
    }

    private mutating func raise(
        _ writes: [Int],
        of requests: [WriteRequest],
        awaitedByOthers: Set<Int>
    ) {
        struct Group: Hashable {
            let form: WriteStep.Form
            let object: ObjectName
        }
        var last: [Group: Int] = [:]
        for (write, level) in levels {
            let group = Group(form: .init(requests[write]), object: requests[write].object)
            last[group] = max(level, last[group] ?? 0)
        }
        for write in writes where levels[write] != nil && !awaitedByOthers.contains(write) {
            let group = Group(form: .init(requests[write]), object: requests[write].object)
            levels[write] = last[group]
        }
    }
}
