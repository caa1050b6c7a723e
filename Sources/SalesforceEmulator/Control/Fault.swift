/// A failure that was ordered through the control interface.
///
/// JSON: `{"kind":"lockRow","count":1,"match":"sobjects","object":"Contact","delaySeconds":0.5}`;
/// only `kind` is needed.
struct Fault: Hashable, Sendable {
    /// What goes wrong.
    enum Kind: String, Sendable {
        /// 503 before anything is done.
        case serverUnavailable
        /// 500 before anything is done.
        case unknownException
        /// The change is committed, then the connection closes without an answer.
        case timeoutAfterCommit
        /// The connection closes before anything is done.
        case connectionClosed
        /// Rows fail with `UNABLE_TO_LOCK_ROW`.
        case lockRow
        /// 403 `REQUEST_LIMIT_EXCEEDED`.
        case requestLimit
        /// 401, and the token presented is dead from now on.
        case expiredToken
        /// The answer comes late.
        case slow
    }

    let kind: Kind

    /// How many more times it happens.
    var remaining: Int

    /// Only requests whose path contains this.
    let match: String?

    /// Only rows of this type, for ``Kind/lockRow``.
    let object: String?

    /// How late an answer is, in seconds.
    let delaySeconds: Double

    /// Reads an order, or gives nil for an unknown kind.
    init?(_ json: JSON) {
        guard let name = json["kind"]?.text, let kind = Kind(rawValue: name) else { return nil }
        self.kind = kind
        remaining = json["count"]?.integer ?? 1
        match = json["match"]?.text
        object = json["object"]?.text
        delaySeconds = json["delaySeconds"]?.double ?? 0
    }
}

extension OrgState {
    /// Uses up one fault that strikes before a request is handled, if one is ordered.
    mutating func takeFault(path: String) -> Fault? {
        takeFault { fault in
            fault.kind != .lockRow && fault.kind != .timeoutAfterCommit
                && fault.match.map(path.contains) ?? true
        }
    }

    /// Uses up one loss of an answer, if one is ordered.
    ///
    /// Only requests that changed something lose theirs.
    mutating func takeLostAnswer(_ path: String) -> Bool {
        takeFault { fault in
            fault.kind == .timeoutAfterCommit && fault.match.map(path.contains) ?? true
        } != nil
    }

    /// Uses up one row lock, if one is ordered for the type.
    mutating func takeRowLock(object: String) -> Bool {
        takeFault { fault in
            fault.kind == .lockRow && fault.object.map { $0 == object } ?? true
        } != nil
    }

    private mutating func takeFault(where condition: (Fault) -> Bool) -> Fault? {
        guard let index = faults.firstIndex(where: condition) else { return nil }
        let fault = faults[index]
        faults[index].remaining -= 1
        if faults[index].remaining <= 0 { faults.remove(at: index) }
        return fault
    }
}
