import Foundation
import TestSupport
import Testing

/// Deliveries from files, as an operator hands them over.
@Suite("Ingest", .timeLimit(.minutes(15)))
struct IntakeTests {
    private static func counts(
        _ deliveries: Int,
        appended: Int = 0,
        duplicates: Int = 0,
        unrecognised: Int = 0,
        rejected: Int = 0
    ) -> Document {
        [
            "deliveries": .number(Double(deliveries)), "appended": .number(Double(appended)),
            "duplicates": .number(Double(duplicates)),
            "unrecognised": .number(Double(unrecognised)), "rejected": .number(Double(rejected)),
        ]
    }

    private static func compact(_ name: String) throws -> String {
        try Recorded.text(name).split(separator: "\n").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        .joined()
    }

    private static let two = ["booking_created.json", "booking_rescheduled.json"]

    @Test("takes one delivery from a file, and knows it the second time")
    func takesFile() async throws {
        try await withoutOrg { trial in
            let first = try await trial.json("ingest", Recorded.created)
            #expect(first == Self.counts(1, appended: 1))
            let second = try await trial.json("ingest", Recorded.created)
            #expect(second == Self.counts(1, duplicates: 1))
        }
    }

    @Test("takes several files")
    func takesFiles() async throws {
        try await withoutOrg { trial in
            let paths = Self.two.map(Recorded.path)
            let summary = try await trial.json("ingest", paths[0], paths[1])
            #expect(summary == Self.counts(2, appended: 2))
        }
    }

    @Test("takes a folder, and leaves in it what holds no deliveries")
    func takesFolder() async throws {
        try await withoutOrg { trial in
            let folder = trial.folder.url.appending(path: "deliveries")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for name in Self.two { try trial.write(Recorded.text(name), to: "deliveries/\(name)") }
            try trial.write("no delivery", to: "deliveries/notes.txt")
            #expect(try await trial.json("ingest", "deliveries") == Self.counts(2, appended: 2))
        }
    }

    @Test("takes an array, lines, and standard input", arguments: ["array", "lines", "input"])
    func takesForm(_ form: String) async throws {
        try await withoutOrg { trial in
            let bodies = try Self.two.map(Self.compact)
            let expected = Self.counts(2, appended: 2)
            switch form {
            case "array":
                try trial.write("[\(bodies.joined(separator: ",\n"))]", to: "all.json")
                #expect(try await trial.json("ingest", "all.json") == expected)
            case "lines":
                try trial.write(bodies.joined(separator: "\n") + "\n", to: "all.ndjson")
                #expect(try await trial.json("ingest", "all.ndjson") == expected)
            default:
                let input = bodies.joined(separator: "\n")
                #expect(try await trial.json("ingest", "-", input: input) == expected)
            }
        }
    }

    @Test("keeps what it cannot understand, and leaves with 65")
    func keepsMalformed() async throws {
        try await withoutOrg { trial in
            try trial.write("{ this is no JSON", to: "bad.json")
            let summary = try await trial.json("ingest", "bad.json", Recorded.created, status: 65)
            #expect(summary == Self.counts(2, appended: 1, rejected: 1))
            let status = try await trial.json("status")
            #expect(status["deliveries"]?["rejected"] == 1)
            #expect(status["deliveries"]?["appended"] == 1)
        }
    }

    @Test("keeps and counts a trigger that nobody knows")
    func keepsUnknown() async throws {
        try await withoutOrg { trial in
            let body =
                #"{"triggerEvent":"MOON_PHASE","createdAt":"2026-11-03T14:00:00Z","payload":{}}"#
            let summary = try await trial.json("ingest", "-", input: body)
            #expect(summary == Self.counts(1, unrecognised: 1))
        }
    }

    @Test("leaves with 65 when there is no such file, and takes nothing")
    func missesFile() async throws {
        try await withoutOrg { trial in
            let finished = try await trial.run("ingest", Recorded.created, "nowhere.json")
            #expect(finished.status == 65)
            #expect(finished.messages.contains("nowhere.json"))
            #expect(try await trial.json("status")["events"] == 0)
        }
    }

    @Test("needs no org and no settings, and says the same in words")
    func saysInWords() async throws {
        try await withoutOrg { trial in
            let text = try await trial.expect("ingest", Recorded.created)
            let words = "1 deliveries: 1 appended, 0 duplicates, 0 unrecognised, 0 rejected\n"
            #expect(text.output == words)
            #expect(text.messages == "")
        }
    }
}
