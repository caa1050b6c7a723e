/// How often what was done since the start or the last reset.
struct Counters: Hashable, Sendable {
    /// Calls as an org counts them towards its limit: a batch is one per part.
    var apiCalls = 0

    /// HTTP requests other than those of the control interface.
    var requests = 0
    var queries = 0
    var writes: [String: Writes] = [:]

    /// Records written, by what was done to them.
    struct Writes: Hashable, Sendable {
        var create = 0
        var update = 0
        var delete = 0

        static func + (left: Writes, right: Writes) -> Writes {
            Writes(
                create: left.create + right.create,
                update: left.update + right.update,
                delete: left.delete + right.delete
            )
        }

        var json: JSON {
            [
                "create": .integer(create), "update": .integer(update), "delete": .integer(delete),
            ]
        }
    }

    /// Adds the writes of a committed transaction.
    mutating func add(_ writes: [String: Writes]) {
        self.writes.merge(writes) { $0 + $1 }
    }

    var json: JSON {
        var total = Writes()
        for each in writes.values { total = total + each }
        let objects = writes.sorted { $0.key < $1.key }
        return [
            "apiCalls": .integer(apiCalls), "requests": .integer(requests),
            "queries": .integer(queries), "writes": total.json,
            "perObject": .object(
                JSONObject(objects.map { .init(key: $0.key, value: $0.value.json) })
            ),
        ]
    }
}
