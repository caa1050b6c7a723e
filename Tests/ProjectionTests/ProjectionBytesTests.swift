import Domain
import Foundation
import Projection
import TestSupport
import Testing

@Suite("Projection, byte for byte")
struct ProjectionBytesTests {
    static let seeds: Range<UInt64> = 0..<1_000

    /// A machine on which the same history is read.
    struct Place: Codable, Sendable {
        var zone: String
        var locale: String
    }

    static let places = [
        Place(zone: "UTC", locale: "C"),
        Place(zone: "Asia/Kathmandu", locale: "tr_TR.UTF-8"),
        Place(zone: "America/St_Johns", locale: "de_DE.UTF-8"),
        Place(zone: "Pacific/Apia", locale: "ar_EG.UTF-8"),
    ]

    /// What a whole history calls for, read at once.
    private static func full(_ seed: UInt64) -> [UInt8] {
        var generator = HistoryGenerator(seed: seed)
        let settings = generator.timeline()
        let projected = generator.histories()
            .map { AppointmentProjector.project($0, settings: settings) }
        return bytes(projected, PersonProjector.fold(projected.flatMap(\.contributions)))
    }

    /// What is learned of a history at some moment.
    private enum Arrival {
        case fact(RecordedFact)
        case form(RecordedFact)
        case seriesCancellation(SeriesCancellation)

        var position: LedgerPosition {
            switch self {
            case .fact(let fact), .form(let fact): fact.position
            case .seriesCancellation(let cancellation): cancellation.fact.position
            }
        }

        func add(to history: inout AppointmentHistory) {
            switch self {
            case .fact(let fact): history.facts.append(fact)
            case .form(let form): history.forms.append(form)
            case .seriesCancellation(let one): history.seriesCancellations.append(one)
            }
        }
    }

    /// The same, read as the ledger fills: only what a new fact touches is projected anew.
    private static func incremental(_ seed: UInt64) -> [UInt8] {
        var generator = HistoryGenerator(seed: seed)
        let settings = generator.timeline()
        let histories = generator.histories()
        var known = histories.map { history in
            var history = history
            (history.facts, history.forms, history.seriesCancellations) = ([], [], [])
            return history
        }
        var projected = known.map { AppointmentProjector.project($0, settings: settings) }
        var people: [PersonRecordKey: DesiredPersonRecord] = [:]
        let arrivals = histories.enumerated().flatMap { place, history in
            (history.facts.map(Arrival.fact) + history.forms.map(Arrival.form)
                + history.seriesCancellations.map(Arrival.seriesCancellation))
                .map { (place, $0) }
        }
        for (place, arrival) in arrivals.sorted(by: { $0.1.position < $1.1.position }) {
            let former = projected[place].contributions.map(\.key)
            arrival.add(to: &known[place])
            projected[place] = AppointmentProjector.project(known[place], settings: settings)
            let touched = Set(former + projected[place].contributions.map(\.key))
            for key in touched { people[key] = nil }
            let concerned = projected.flatMap(\.contributions).filter { touched.contains($0.key) }
            for person in PersonProjector.fold(concerned) { people[person.key] = person }
        }
        return bytes(projected, people.values.sorted { $0.key < $1.key })
    }

    private static func bytes(
        _ projected: [ProjectedAppointment],
        _ people: [DesiredPersonRecord]
    ) -> [UInt8] {
        let accounts = PersonProjector.accounts(projected.flatMap(\.contributions))
        return JSON.array(
            projected.map(\.document) + people.map(\.document) + accounts.map(\.document)
        ).bytes
    }

    /// A digest of everything that a thousand histories call for: FNV-1a, 64 bits.
    private static func digest() -> UInt64 {
        seeds.reduce(0xcbf2_9ce4_8422_2325) { hash, seed in
            full(seed).reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        }
    }

    @Test("is the same fact by fact and in a full replay", arguments: seeds)
    func incremental(seed: UInt64) {
        let bytes = Self.full(seed)
        #expect(!bytes.isEmpty)
        #expect(Self.incremental(seed) == bytes)
    }

    @Test("is the same in other processes, locales and time zones", arguments: places)
    func elsewhere(place: Place) async throws {
        let expected = Self.digest()
        let folder = try TemporaryFolder()
        #if canImport(Glibc)
        if place.locale != "C" { try await Self.compile(place.locale, in: folder) }
        #endif
        await #expect(processExitsWith: .success) {
            [
                expected = expected as UInt64, place = place as Place,
                path = folder.url.path as String
            ] in
            setenv("LOCPATH", path, 1)
            setenv("TZ", place.zone, 1)
            setenv("LC_ALL", place.locale, 1)
            tzset()
            precondition(setlocale(LC_ALL, "").map { String(cString: $0) } == place.locale)
            precondition(TimeZone.current.identifier == place.zone || place.zone == "UTC")
            precondition(ProjectionBytesTests.digest() == expected)
        }
    }

    /// Makes a locale from the system's descriptions; most machines have none ready.
    private static func compile(_ locale: String, in folder: TemporaryFolder) async throws {
        let parts = locale.split(separator: ".").map(String.init)
        let compiled = try await ChildProcess([
            "/usr/bin/localedef", "-i", parts[0], "-f", parts[1], folder.path(locale),
        ]).end()
        try #require(compiled.status == 0, "tools/setup installs the locales")
    }

    @Test("of other histories are other bytes")
    func sensitive() {
        #expect(Set(Self.seeds.map(Self.full)).count > 900)
    }
}
