import Domain

@testable import Salesforce

extension SimulatedOrg {
    /// The answer to a question.
    func answer(_ request: ReadRequest) -> ReadAnswer {
        switch request {
        case .describe(let object): .description(OrgFields.describe(object, self))
        case .ownUser: .user(Self.ownUser)
        case .bound(let query): .rows(rows(of: query))
        case .records(let object, let ids, let fields):
            .rows(
                ids.compactMap { records[$0] }.filter { $0.object == object && !$0.isDeleted }
                    .map { row($0, fields.map(\.rawValue) + Self.system) }
            )
        case .query(let query): .rows(rows(of: query))
        }
    }

    /// The answer to the one query that settings have.
    private func rows(of query: BoundQuery) -> [JSON] {
        let (before, after) = SimulatedRouting.query
        guard query.statement.hasPrefix(before), query.statement.hasSuffix(after) else {
            preconditionFailure("a query that nobody wrote: \(query.statement)")
        }
        let literal = query.statement.dropFirst(before.count).dropLast(after.count)
        let email = String(literal.dropFirst().dropLast())
        return all(.lead).filter { holds(.equals("Email", .text(email)), $0) }
            .sorted { ($0.created, $0.id) < ($1.created, $1.id) }
            .map { row($0, ["Owner.Email"]) }
    }

    static let system = [
        "Id", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById",
        "SystemModstamp", "IsDeleted",
    ]

    private func rows(of query: Query) -> [JSON] {
        if query.object == "Organization" {
            return [
                .compact([
                    ("Id", .string(Self.organization.rawValue)), ("Name", .string("Simulated")),
                    ("IsSandbox", .bool(true)), ("OrganizationType", .string("Developer Edition")),
                ])
            ]
        }
        let found = all(query.object, withDeleted: query.includesDeleted)
            .filter { holds(query.condition, $0) }
        if let path = query.countedBy { return counts(found, by: path) }
        return found.prefix(query.limit ?? .max).map { row($0, query.select) }
    }

    private func counts(_ records: [Record], by path: String) -> [JSON] {
        Dictionary(grouping: records, by: { value(path, $0) }).sorted { $0.key.text < $1.key.text }
            .map { .compact([(path, $0.key), (Query.countName, .integer($0.value.count))]) }
    }

    /// A record as an answer shows it.
    func row(_ record: Record, _ paths: [String]) -> JSON {
        var members: [(String, JSON?)] = [("Id", .string(record.id.rawValue))]
        var owner: [(String, JSON?)] = []
        for path in Set(paths).sorted() where path != "Id" {
            if path.hasPrefix("Owner.") {
                let user = record.fields["OwnerId"]?.string.flatMap { SalesforceID($0) }
                    .flatMap { records[$0] }
                owner.append((String(path.dropFirst(6)), user?.fields[String(path.dropFirst(6))]))
            } else if path == "RecordType.Name" {
                members.append(("RecordType", record.fields["RecordType"]))
            } else {
                members.append((path, value(path, record)))
            }
        }
        if !owner.isEmpty { members.append(("Owner", .compact(owner))) }
        return .compact(members)
    }

    private func value(_ path: String, _ record: Record) -> JSON {
        switch path {
        case "Id": .string(record.id.rawValue)
        case "CreatedDate": .string(record.created.rfc3339)
        case "LastModifiedDate", "SystemModstamp": .string(record.modified.rfc3339)
        case "IsDeleted": .bool(record.isDeleted)
        case "CreatedById": user(record.creator)
        case "LastModifiedById": user(record.modifiedBy)
        default: record.fields[path] ?? .null
        }
    }

    private func user(_ editor: Editor) -> JSON {
        .string((editor == .daybook ? Self.ownUser : Self.id("005", 2)).rawValue)
    }

    private func holds(_ condition: Query.Condition, _ record: Record) -> Bool {
        func text(_ path: String) -> String { value(path, record).string?.lowercased() ?? "" }
        func moment(_ path: String) -> Instant? {
            value(path, record).string.flatMap { Instant(rfc3339: $0) }
        }
        switch condition {
        case .all: return true
        case .isIn(let path, let texts):
            return texts.contains { $0.lowercased() == text(path) && !$0.isEmpty }
        case .equals(let path, .instant(let instant)): return moment(path) == instant
        case .equals(let path, let wanted):
            return wanted.json.string.map { $0.lowercased() == text(path) }
                ?? (value(path, record) == wanted.json)
        case .differs(let path, let wanted): return value(path, record) != wanted.json
        case .notBefore(let path, let instant): return moment(path).map { $0 >= instant } ?? false
        case .after(let path, let instant): return moment(path).map { $0 > instant } ?? false
        case .endsWith(let path, let end): return text(path).hasSuffix(end.lowercased())
        case .contains(let path, let part): return text(path).contains(part.lowercased())
        case .both(let parts): return parts.allSatisfy { holds($0, record) }
        case .either(let parts): return parts.contains { holds($0, record) }
        }
    }
}
