/// Which witnesses have to have seen a checkpoint before it is believed.
///
/// ```
/// log ledger.example/acme+cc5d0471+AXm1…
/// witness ours witness.example/w1+7bede9df+BOfx…
/// witness theirs witness.example/w2+…
/// group both all ours theirs
/// quorum both
/// ```
///
/// Source: the C2SP specification *tlog-policy*; `facts/ledger-and-reconciliation.md` 4.6.
public struct WitnessPolicy: Hashable, Sendable {
    /// The logs that the policy is for; their checkpoints are believed.
    public private(set) var logs: [NoteVerifier] = []
    /// All witnesses, in order.
    public private(set) var witnesses: [NoteVerifier] = []
    private var rules: [String: Rule] = [:]
    private var quorum = Rule.none

    private indirect enum Rule: Hashable, Sendable {
        case none
        case witness(NoteVerifier)
        case atLeast(Int, of: [Rule])

        func isMet(by seen: Set<NoteVerifier>) -> Bool {
            switch self {
            case .none: true
            case .witness(let key): seen.contains(key)
            case .atLeast(let count, let members):
                members.count { $0.isMet(by: seen) } >= count
            }
        }
    }

    /// Reads a policy.
    ///
    /// - Parameter text: The lines of the policy.
    /// - Throws: ``NoteError`` for the first line that cannot be understood, and names it.
    public init(parsing text: String) throws(NoteError) {
        var hasQuorum = false
        let lines = text.split(
            omittingEmptySubsequences: false,
            whereSeparator: { $0 == "\n" || $0 == "\r\n" }
        )
        for (place, line) in lines.enumerated() {
            let items = line.split(whereSeparator: { " \t".contains($0) }).map(String.init)
            guard let first = items.first, !first.hasPrefix("#") else { continue }
            if first == "quorum" {
                guard !hasQuorum else { throw Self.wrong(place, "the quorum is stated twice") }
                hasQuorum = true
            }
            try read(items, place)
        }
        guard hasQuorum else { throw .malformed("the policy states no quorum") }
    }

    private mutating func read(_ items: [String], _ line: Int) throws(NoteError) {
        switch (items[0], items.count) {
        case ("log", 2...3):
            let key = try NoteVerifier(text: items[1])
            guard !logs.contains(key) else { throw Self.wrong(line, "the log is named twice") }
            guard key.purpose == .note else { throw Self.wrong(line, "the key is a witness's") }
            logs.append(key)
        case ("witness", 3...4):
            let key = try NoteVerifier(text: items[2])
            guard key.purpose == .cosignature else {
                throw Self.wrong(line, "the key is none of a witness")
            }
            try define(items[1], as: .witness(key), line)
            witnesses.append(key)
        case ("group", 4...): try readGroup(items, line)
        case ("quorum", 2): quorum = try rule(items[1], line)
        default: throw Self.wrong(line, "'\(items[0])' is not understood there")
        }
    }

    private mutating func readGroup(_ items: [String], _ line: Int) throws(NoteError) {
        var members: [Rule] = []
        for name in items[3...] {
            guard name != "none" else { throw Self.wrong(line, "'none' is in no group") }
            members.append(try rule(name, line))
        }
        guard Set(items[3...]).count == members.count else {
            throw Self.wrong(line, "a member is named twice")
        }
        let needed: Int? =
            switch items[2] {
            case "any": 1
            case "all": members.count
            default: Checkpoint.size(items[2]).flatMap { Int(exactly: $0) }
            }
        guard let needed, (1...members.count).contains(needed) else {
            throw Self.wrong(line, "'\(items[2])' is not any, all or a number of its members")
        }
        try define(items[1], as: .atLeast(needed, of: members), line)
    }

    private mutating func define(_ name: String, as rule: Rule, _ line: Int) throws(NoteError) {
        guard name != "none", rules[name] == nil else {
            throw Self.wrong(line, "the name '\(name)' is taken")
        }
        rules[name] = rule
    }

    private func rule(_ name: String, _ line: Int) throws(NoteError) -> Rule {
        if name == "none" { return .none }
        guard let rule = rules[name] else {
            throw Self.wrong(line, "'\(name)' is not defined above it")
        }
        return rule
    }

    private static func wrong(_ line: Int, _ what: String) -> NoteError {
        .malformed("line \(line + 1) of the policy: \(what)")
    }

    /// Whether the witnesses that signed are enough.
    ///
    /// - Parameter seen: The keys of witnesses whose signature was checked.
    /// - Returns: True if the quorum is reached.
    public func isMet(by seen: some Sequence<NoteVerifier>) -> Bool { quorum.isMet(by: Set(seen)) }

    /// Refuses a checkpoint that too few witnesses saw.
    ///
    /// - Parameter checkpoint: A checkpoint that was checked with ``witnesses``.
    /// - Throws: ``NoteError/tooFewWitnesses(_:)``.
    public func check(_ checkpoint: TrustedCheckpoint) throws(NoteError) {
        let seen = checkpoint.witnesses.map(\.verifier)
        guard isMet(by: seen) else { throw .tooFewWitnesses(seen.map(\.name).sorted()) }
    }
}
