import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Takes requests in and sends answers out.
struct EmulatorFront: HTTPResponder {
    typealias Context = BasicRequestContext

    let office: BookingOffice

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let segments = request.uri.path.split(separator: "/")
            .map { $0.removingPercentEncoding ?? String($0) }
        let body = try await request.body.collect(upTo: 16 << 20)
        let answer =
            segments.first == "emulator"
            ? await control(segments.dropFirst(), Data(body.readableBytesView))
            : await serve(request, segments)
        return Self.response(answer)
    }

    /// What is sent back.
    struct Answer {
        var status = 200
        var value: Value
        var headers: [(String, String)] = []

        static func failure(_ status: Int, _ code: String) -> Answer {
            Answer(
                status: status,
                value: .object([
                    "status": .text("error"),
                    "error": .object(["code": .text(code), "message": .text(code)]),
                ])
            )
        }
    }

    private static func response(_ answer: Answer) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = "application/json; charset=utf-8"
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes: Data
        do { bytes = try encoder.encode(answer.value) } catch { bytes = Data("{}".utf8) }
        return Response(
            status: .init(code: answer.status),
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: Array(bytes)))
        )
    }

    // MARK: The API

    private func serve(_ request: Request, _ segments: [String]) async -> Answer {
        let (left, reset) = await office.count()
        var answer: Answer
        if let status = await office.takeFault() {
            answer = .failure(status, "FAULT")
        } else if left < 0 {
            answer = .failure(429, "TOO_MANY_REQUESTS")
        } else if await !office.isGood(authorization: request.headers[.authorization]) {
            answer = .failure(401, "UNAUTHORIZED")
        } else {
            answer = await resource(request, segments)
        }
        answer.headers += [
            ("X-RateLimit-Limit-Default", "\(await office.limit)"),
            ("X-RateLimit-Remaining-Default", "\(max(0, left))"),
            ("X-RateLimit-Reset-Default", "\(Int(reset.timeIntervalSince1970.rounded(.up)))"),
        ]
        return answer
    }

    private func resource(_ request: Request, _ segments: [String]) async -> Answer {
        guard request.method == .get else { return .failure(404, "NOT_FOUND") }
        let version = HTTPField.Name("cal-api-version").flatMap { request.headers[$0] }
        switch segments {
        case ["v2", "me"]:
            return Self.success(.object(["id": .number(4102), "username": .text("emulated")]))
        case ["v2", "bookings"]:
            // A missing version selects an older endpoint, which is not there.
            guard version == "2024-08-13" || version == "2026-05-01" else {
                return .failure(404, "NOT_FOUND")
            }
            return await list(request)
        case let path where path.count == 3 && path.starts(with: ["v2", "bookings"]):
            return await one(office.bookings, "uid", path[2])
        case let path where path.count == 3 && path.starts(with: ["v2", "event-types"]):
            guard version == "2024-06-14" else { return .failure(404, "NOT_FOUND") }
            return await one(office.eventTypes, "id", path[2])
        default: return .failure(404, "NOT_FOUND")
        }
    }

    private func list(_ request: Request) async -> Answer {
        var parameters: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            parameters[String(name)] = String(value)
        }
        let list = BookingList(
            bookings: await office.bookings,
            parameters: parameters,
            ignoresDates: await office.ignoresDates,
            now: office.now()
        )
        return list.answer.map { Answer(value: $0) } ?? .failure(400, "BAD_REQUEST")
    }

    private func one(_ list: [Value], _ member: String, _ key: String) -> Answer {
        let found = list.first {
            $0[member].text == key || $0[member].integer.map(String.init) == key
        }
        return found.map(Self.success) ?? .failure(404, "NOT_FOUND")
    }

    private static func success(_ data: Value) -> Answer {
        Answer(value: .object(["status": .text("success"), "data": data]))
    }

    // MARK: Its own interface

    private func control(_ segments: ArraySlice<String>, _ body: Data) async -> Answer {
        let value: Value
        do {
            value = body.isEmpty ? .null : try JSONDecoder().decode(Value.self, from: body)
        } catch {
            return .failure(400, "NO_JSON")
        }
        switch Array(segments) {
        case ["data"]:
            do { try await office.load(body) } catch { return .failure(400, "\(error)") }
            return Self.success(.null)
        case ["faults"]:
            let fault = value["status"].integer.map {
                BookingOffice.Fault(status: $0, left: value["times"].integer ?? 1)
            }
            await office.order(fault, ignoresDates: value["ignoresDates"] == .flag(true))
            return Self.success(.null)
        case ["requests"]:
            return Self.success(.number(Double(await office.requests)))
        case let path where path.count == 2 && path[0] == "bookings":
            guard case .object(let changes) = value else { return .failure(400, "NO_OBJECT") }
            let changed = await office.change(path[1], changes)
            return changed.map(Self.success) ?? .failure(404, "NOT_FOUND")
        default: return .failure(404, "NOT_FOUND")
        }
    }
}
