import Domain
import Synchronization

@testable import Salesforce

/// An org of a few dozen lines: enough to see what the client sends and how it takes answers.
///
/// Knows `/composite` with references, collections, guarded updates and queries that are answered
/// by the test. Everything that the real service decides (types, rules, limits) is left to the
/// emulator.
final class TinyOrg: Sendable {
    struct State {
        var calls: [HTTPCall] = []
        var records: [String: [String: JSON]] = [:]
        var keys: [String: String] = [:]
        var nextNumber = 1
        /// Answers given before anything is looked at, first come, first served.
        var scripted: [Result<HTTPReply, TransportFailure>] = []
        /// Why a row is refused, if it is.
        var refusal: @Sendable (_ object: String, _ fields: JSON) -> String? = { _, _ in nil }
        /// Why a whole collection is refused, if it is.
        var collapse: @Sendable (_ records: [JSON]) -> (code: String, message: String)? = { _ in
            nil
        }
        /// The answer to a GET, by its path and query.
        var get: @Sendable (_ url: String) -> Subanswer = { _ in
            Subanswer(status: 404, body: .array([]))
        }
        /// Fields that fail a read of collections.
        var unreadable: Set<String> = []
    }

    private let state = Mutex(State())

    var calls: [HTTPCall] { state.withLock { $0.calls } }

    /// The client's way to this org.
    var transport: Transport {
        { call throws(TransportFailure) in
            let scripted = self.state.withLock { state in
                state.calls.append(call)
                return state.scripted.isEmpty ? nil : state.scripted.removeFirst()
            }
            if let scripted { return try scripted.get() }
            return self.state.withLock { TinyOrg.reply(to: call, &$0) }
        }
    }

    /// A client that never sleeps and has a token for this org.
    func client(tries: Int = 5, pauses: Pauses = Pauses()) throws -> SalesforceClient {
        let token = AccessToken(value: "secret", instanceURL: try InstanceURL("http://127.0.0.1:1"))
        let pacing = Pacing(tries: tries, random: { 0.5 }, sleep: { pauses.note($0) })
        return try SalesforceClient(
            tokens: FixedAccessToken(token),
            transport: transport,
            settings: .init(pacing: pacing, requestID: Self.numbering())
        )
    }

    /// Names the calls of a client `call-1`, `call-2`, ….
    private static func numbering() -> @Sendable () -> String {
        let number = Atomic(0)
        return { "call-\(number.add(1, ordering: .relaxed).newValue)" }
    }

    /// Changes what the org holds and how it answers.
    func arrange(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    func script(_ answers: Result<HTTPReply, TransportFailure>...) {
        state.withLock { $0.scripted += answers }
    }

    /// The subrequests of the composite call at a place.
    func subrequests(_ place: Int) throws -> [JSON] {
        let body = try JSON(parsing: calls[place].body ?? [])
        return body["compositeRequest"]?.array ?? []
    }
}

/// Notes the pauses that a client asks for.
final class Pauses: Sendable {
    private let list = Mutex<[Duration]>([])

    var all: [Duration] { list.withLock { $0 } }

    func note(_ pause: Duration) { list.withLock { $0.append(pause) } }
}

extension HTTPReply {
    static func json(_ status: Int, _ text: String, limitInfo: String? = nil) -> Self {
        HTTPReply(status: status, limitInfo: limitInfo, body: Array(text.utf8))
    }

    static func error(_ status: Int, _ code: String, _ message: String = "") -> Self {
        .json(status, #"[{"errorCode":"\#(code)","message":"\#(message)"}]"#)
    }
}

extension TinyOrg {
    static func reply(to call: HTTPCall, _ state: inout State) -> HTTPReply {
        let path = String(call.url.dropFirst("http://127.0.0.1:1".count))
        let body = call.body.flatMap { bytes -> JSON? in
            do { return try JSON(parsing: bytes) } catch { return nil }
        }
        guard path.hasSuffix("/composite") else {
            let answer = answer(call.method, path, body ?? .null, &state)
            return HTTPReply(status: answer.status, body: answer.body.bytes)
        }
        let text = composite(body?["compositeRequest"]?.array ?? [], &state)
        return HTTPReply(status: 200, limitInfo: "api-usage=7/15000", body: text.bytes)
    }

    private static func composite(_ requests: [JSON], _ state: inout State) -> JSON {
        var done: [String: JSON] = [:]
        let answers = requests.map { request -> JSON in
            let reference = request["referenceId"]?.string ?? ""
            let body = resolve(request["body"] ?? .null, done)
            let answer = body.map {
                Self.answer(
                    request["method"]?.string ?? "",
                    request["url"]?.string ?? "",
                    $0,
                    &state
                )
            }
            let halted = Subanswer(status: 400, body: error("PROCESSING_HALTED", "halted"))
            done[reference] = (answer ?? halted).body
            return .compact([
                ("body", (answer ?? halted).body),
                ("httpStatusCode", .integer((answer ?? halted).status)),
                ("referenceId", .string(reference)),
            ])
        }
        return .compact([("compositeResponse", .array(answers))])
    }

    /// The body with `@{w0[3].id}` replaced; nil if there is no such id.
    private static func resolve(_ json: JSON, _ done: [String: JSON]) -> JSON? {
        switch json {
        case .string(let text) where text.hasPrefix("@{"):
            let parts = text.dropFirst(2).split(whereSeparator: { "[].}".contains($0) })
            guard parts.count == 3, let row = Int(parts[1]) else { return nil }
            let rows = done[String(parts[0])]?.array ?? []
            return rows.indices.contains(row) ? rows[row].present("id") : nil
        case .array(let elements):
            let resolved = elements.map { resolve($0, done) }
            let present = resolved.compactMap { $0 }
            return present.count == elements.count ? .array(present) : nil
        case .object(let members):
            let resolved = members.compactMap { member in
                resolve(member.value, done).map { JSON.Member(member.name, $0) }
            }
            return resolved.count == members.count ? .object(resolved) : nil
        default: return json
        }
    }

    private static func error(_ code: String, _ message: String) -> JSON {
        .array([.compact([("errorCode", .string(code)), ("message", .string(message))])])
    }

    private static func answer(
        _ method: String,
        _ url: String,
        _ body: JSON,
        _ state: inout State
    ) -> Subanswer {
        let path = url.split(separator: "?")[0].split(separator: "/").map(String.init).dropFirst(3)
        switch (method, Array(path)) {
        case ("GET", _): return state.get(url)
        case ("POST", ["composite", "sobjects"]): return write(body, key: nil, &state)
        case ("PATCH", ["composite", "sobjects"]): return write(body, key: nil, &state)
        case ("PATCH", let path) where path.count == 4 && path[0] == "composite":
            return write(body, key: path[3], &state)
        case ("POST", let path) where path.count == 3 && path[0] == "composite":
            return read(body, &state)
        case ("DELETE", ["composite", "sobjects"]):
            let ids = url.split(separator: "=")[1].split(separator: "&")[0].split(separator: ",")
            for id in ids { state.records[String(id)] = nil }
            return Subanswer(status: 200, body: .array(ids.map { success(String($0)) }))
        case ("PATCH", let path) where path.count == 3 && path[0] == "sobjects":
            if path[2].hasPrefix("003000000000412") {
                return Subanswer(status: 412, body: error("PRECONDITION_FAILED", "changed"))
            }
            return Subanswer(status: 204, body: .null)
        default: return Subanswer(status: 404, body: error("NOT_FOUND", "no such resource"))
        }
    }

    private static func write(_ body: JSON, key: String?, _ state: inout State) -> Subanswer {
        let records = body["records"]?.array ?? []
        if let collapse = state.collapse(records) {
            return Subanswer(status: 400, body: error(collapse.code, collapse.message))
        }
        return Subanswer(status: 200, body: .array(records.map { write($0, key: key, &state) }))
    }

    private static func write(_ record: JSON, key: String?, _ state: inout State) -> JSON {
        let object = record["attributes"]?["type"]?.string ?? ""
        if let code = state.refusal(object, record) {
            return .compact([
                ("success", .bool(false)),
                (
                    "errors",
                    .array([
                        .compact([
                            ("statusCode", .string(code)), ("message", .string("no")),
                            ("fields", .array([.string("LastName")])),
                        ])
                    ])
                ),
            ])
        }
        let keyText = key.flatMap { name in
            record[name]?.string.map { "\(object) \(name) \($0)" }
        }
        let known = record["id"]?.string ?? keyText.flatMap { state.keys[$0] }
        let id = known ?? newID(object, &state)
        if let keyText { state.keys[keyText] = id }
        for member in record.members ?? [] where member.name != "attributes" {
            state.records[id, default: [:]][member.name] = member.value
        }
        return success(id, created: key == nil ? nil : known == nil)
    }

    private static func success(_ id: String, created: Bool? = nil) -> JSON {
        .compact([
            ("id", .string(id)), ("success", .bool(true)), ("errors", .array([])),
            ("created", created.map(JSON.bool)),
        ])
    }

    private static func newID(_ object: String, _ state: inout State) -> String {
        let prefix = ["Contact": "003", "Lead": "00Q", "Event": "00U"][object] ?? "a00"
        let number = String(state.nextNumber)
        state.nextNumber += 1
        return prefix + String(repeating: "0", count: 12 - number.count) + number + "AAA"
    }

    private static func read(_ body: JSON, _ state: inout State) -> Subanswer {
        let names = (body["fields"]?.array ?? []).compactMap(\.string)
        if let name = names.first(where: state.unreadable.contains) {
            let message = "No such column '\(name)' on sobject of type Event"
            return Subanswer(status: 400, body: error("INVALID_FIELD", message))
        }
        let rows = (body["ids"]?.array ?? []).compactMap(\.string).map { id -> JSON in
            guard let record = state.records[id] else { return .null }
            let values = names.map {
                JSON.Member($0, $0 == "Id" ? .string(id) : record[$0] ?? .null)
            }
            return .object(values)
        }
        return Subanswer(status: 200, body: .array(rows))
    }
}
