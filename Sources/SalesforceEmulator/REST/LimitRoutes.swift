import GRDB

/// The resources under `limits`.
struct LimitRoutes {
    let session: Session

    func answer(_ request: APIRequest, _ path: [String]) throws -> APIResponse {
        guard request.method == "GET" || request.method == "HEAD" else {
            throw APIError.methodNotAllowed(request.method, allowed: "GET,HEAD")
        }
        switch path.first {
        case nil: return .json(try limits())
        case "recordCount": return .json(try recordCount(request))
        default: throw APIError.notFound
        }
    }

    private func limits() throws -> JSON {
        let usage = session.org.usage
        let settings = session.settings
        let bulk = try session.bulkUsage()
        var result: JSONObject = [
            "DailyApiRequests": limit(usage.limit, used: usage.used),
            "DailyBulkApiBatches": limit(settings.dailyBulkBatches, used: bulk.batches),
            "DailyBulkV2QueryJobs": limit(settings.dailyBulkQueries, used: bulk.queries),
        ]
        let others = [
            ("ConcurrentAsyncGetReportInstances", 200), ("DailyAsyncApexExecutions", 250_000),
            ("DailyBulkV2QueryFileStorageMB", 976_562),
            ("DailyDeliveredPlatformEvents", 10_000),
            ("DailyDurableStreamingApiEvents", 10_000), ("DailyStreamingApiEvents", 10_000),
            ("DataStorageMB", 1_024), ("FileStorageMB", 1_024),
            ("HourlyPublishedPlatformEvents", 50_000), ("MassEmail", 10),
            ("MonthlyPlatformEvents", 300_000), ("SingleEmail", 15),
            ("StreamingApiConcurrentClients", 20),
        ]
        result["PermissionSets"] = [
            "Max": 1500, "Remaining": 1500, "CreateCustom": limit(1000, used: 0),
        ]
        for (name, most) in others { result[name] = limit(most, used: 0) }
        return .object(result)
    }

    private func limit(_ most: Int, used: Int) -> JSON {
        ["Max": .integer(most), "Remaining": .integer(max(0, most - used))]
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
