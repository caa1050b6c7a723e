import GRDB

/// The resources under `limits`.
struct LimitRoutes {
    let session: Session

    func answer(_ request: APIRequest, _ path: [String]) throws -> APIResponse {
        guard request.method == "GET" || request.method == "HEAD" else {
            throw APIError.methodNotAllowed(request.method, allowed: "GET,HEAD")
        }
        switch path.first {
        case nil: return .json(limits)
        case "recordCount": return .json(try recordCount(request))
        default: throw APIError.notFound
        }
    }

    private var limits: JSON {
        let usage = session.org.usage
        var result: JSONObject = [
            "DailyApiRequests": limit(usage.limit, remaining: max(0, usage.limit - usage.used))
        ]
        let others = [
            ("ConcurrentAsyncGetReportInstances", 200), ("DailyAsyncApexExecutions", 250_000),
            ("DailyBulkApiBatches", 15_000), ("DailyBulkV2QueryFileStorageMB", 976_562),
            ("DailyBulkV2QueryJobs", 10_000), ("DailyDeliveredPlatformEvents", 10_000),
            ("DailyDurableStreamingApiEvents", 10_000), ("DailyStreamingApiEvents", 10_000),
            ("DataStorageMB", 1_024), ("FileStorageMB", 1_024),
            ("HourlyPublishedPlatformEvents", 50_000), ("MassEmail", 10),
            ("MonthlyPlatformEvents", 300_000), ("SingleEmail", 15),
            ("StreamingApiConcurrentClients", 20),
        ]
        for (name, most) in others { result[name] = limit(most, remaining: most) }
        return .object(result)
    }

    private func limit(_ most: Int, remaining: Int) -> JSON {
        ["Max": .integer(most), "Remaining": .integer(remaining)]
    }

    private func recordCount(_ request: APIRequest) throws -> JSON {
        let wanted = request.parameter("sObjects").map { list in
            list.split(separator: ",").compactMap { session.schema.object(String($0).trimmed) }
        }
        var counts: [JSON] = []
        for object in wanted ?? session.schema.objects {
            let count = try Int.fetchOne(
                session.db,
                sql: """
                    SELECT count(*) FROM \(Storage.quoted(object.name)) WHERE NOT "IsDeleted"
                    """
            )
            counts.append(["count": .integer(count ?? 0), "name": .string(object.name)])
        }
        return ["sObjects": .array(counts)]
    }
}
