import Domain

/// The writes of one subrequest.
struct WriteStep: Hashable {
    /// How they are sent, in the order in which forms of one level are sent.
    enum Form: Hashable {
        /// `POST /composite/sobjects`, objects mixed.
        case create
        /// `PATCH /composite/sobjects`, objects mixed.
        case update
        /// `PATCH /sobjects/X/id` with a condition; one record.
        case guarded
        /// `PATCH /composite/sobjects/X/Key`.
        case upsert(ObjectName, key: FieldName)
        /// `DELETE /composite/sobjects?ids=`, objects mixed.
        case delete

        init(_ request: WriteRequest) {
            switch request.kind {
            case .create: self = .create
            case .upsert(let key, _): self = .upsert(request.object, key: key)
            case .update: self = request.unmodifiedSince == nil ? .update : .guarded
            case .delete: self = .delete
            }
        }

        fileprivate var rank: String {
            switch self {
            case .create: "0"
            case .update: "1"
            case .guarded: "2"
            case .upsert(let object, let key): "3 \(object.rawValue) \(key.rawValue)"
            case .delete: "4"
            }
        }

        fileprivate var isCollection: Bool { self != .guarded }

        fileprivate var mostRecords: Int { self == .guarded ? 1 : Composite.mostWritten }
    }

    let form: Form
    /// Whether it must not stand inside `/composite`.
    let goesAlone: Bool
    /// The places of the writes.
    var writes: [Int]
}

extension WriteStep {
    /// Sorts writes into steps: what others wait for first, then by form and object.
    ///
    /// - Parameters:
    ///   - writes: The places of the writes.
    ///   - requests: All writes.
    ///   - mostRecords: The most records of a step for some writes, by place.
    /// - Returns: The steps, and the writes that wait for each other in a circle.
    static func steps(
        for writes: [Int],
        of requests: [WriteRequest],
        mostRecords: [Int: Int] = [:]
    ) -> (steps: [WriteStep], stuck: [Int]) {
        let order = WriteOrder(writes, of: requests)
        let keyed = writes.compactMap { write in
            order.level(of: write).map { (key: Key(requests[write], level: $0), write: write) }
        }
        let sorted = keyed.sorted { ($0.key.sortable, $0.write) < ($1.key.sortable, $1.write) }
        var steps: [WriteStep] = []
        var group: [String]?
        for (key, write) in sorted {
            let form = Form(requests[write])
            let most = min(form.mostRecords, mostRecords[write] ?? .max)
            if group == key.group, let last = steps.last, last.writes.count < most {
                steps[steps.count - 1].writes.append(write)
            } else {
                steps.append(WriteStep(form: form, goesAlone: key.goesAlone, writes: [write]))
                group = key.group
            }
        }
        return (steps, order.stuck)
    }

    /// Sorts all writes of a run into batches of one call each.
    static func batches(of requests: [WriteRequest]) -> [[Int]] {
        let (steps, stuck) = steps(for: Array(requests.indices), of: requests)
        var batches: [[Int]] = []
        var rest = steps[...]
        while !rest.isEmpty {
            let count = fitting(Array(rest), of: requests)
            batches.append(rest.prefix(count).flatMap(\.writes))
            rest = rest.dropFirst(count)
        }
        // A circle is refused when it is sent; it must not get lost before.
        return stuck.isEmpty ? batches : batches + [stuck]
    }

    /// How many of the first steps fit into one call together with what reads them back.
    ///
    /// - Parameters:
    ///   - steps: The steps, not empty.
    ///   - requests: All writes.
    ///   - readBacks: How many collections have to be read back in any case.
    /// - Returns: At least 1.
    static func fitting(
        _ steps: [WriteStep],
        of requests: [WriteRequest],
        readBacks: Int = 0
    ) -> Int {
        var objects: Set<ObjectName> = []
        var (collections, count) = (0, 0)
        for step in steps {
            if step.goesAlone { return max(1, count) }
            objects.formUnion(step.objectsReadBack(of: requests))
            collections += step.form.isCollection ? 1 : 0
            let isFull =
                collections + objects.count > Composite.mostCollections
                || count + 1 + objects.count > Composite.most
            if isFull { return max(1, count) }
            count += 1
        }
        return count
    }

    /// The objects whose records are read back.
    func objectsReadBack(of requests: [WriteRequest]) -> Set<ObjectName> {
        form == .delete ? [] : Set(writes.map { requests[$0].object })
    }

    /// What decides which writes can share a step, and in which order steps go.
    private struct Key {
        let goesAlone: Bool
        let group: [String]
        let sortable: Sortable

        typealias Sortable = Pair<Int, Pair<String, String>>

        init(_ request: WriteRequest, level: Int) {
            goesAlone = request.hasReferenceSyntax
            let rank =
                (goesAlone ? "alone " : "") + Form(request).rank
                + (request.savesDuplicates ? " duplicates" : "")
            group = ["\(level)", rank]
            sortable = Pair(level, Pair(rank, request.object.rawValue))
        }
    }
}

/// Two values compared one after the other.
private struct Pair<First: Comparable, Second: Comparable>: Comparable {
    let first: First
    let second: Second

    init(_ first: First, _ second: Second) { (self.first, self.second) = (first, second) }

    static func < (left: Self, right: Self) -> Bool {
        (left.first, left.second) < (right.first, right.second)
    }
}

extension WriteRequest {
    /// Whether a text holds `@{`, which `/composite` would take for a reference.
    ///
    /// There is no way to escape it, and what a booker typed must neither fail a call nor read
    /// the ids of other people's records out of it.
    var hasReferenceSyntax: Bool {
        if case .upsert(_, let key) = kind, key.hasReferenceSyntax { return true }
        return fields.values.contains { value in
            switch value {
            case .value(.text(let text)): text.hasReferenceSyntax
            case .value(.choices(let choices)): choices.contains(where: \.hasReferenceSyntax)
            case .value, .record, .records: false
            }
        }
    }
}

extension String {
    /// By bytes, as Salesforce reads it: a brace that a combining mark follows is another character,
    /// and a reference all the same.
    fileprivate var hasReferenceSyntax: Bool {
        zip(utf8, utf8.dropFirst()).contains { $0 == UInt8(ascii: "@") && $1 == UInt8(ascii: "{") }
    }
}
