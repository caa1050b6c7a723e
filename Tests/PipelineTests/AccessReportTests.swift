import Domain
import Pipeline
import Testing

@Suite("What our user may do in an org")
struct AccessReportTests {
    private static func description(
        _ name: ObjectName,
        _ fields: [FieldName],
        rights: Bool = true
    ) -> ObjectDescription {
        ObjectDescription(
            name: name,
            isCreateable: rights,
            isUpdateable: rights,
            isDeletable: rights,
            fields: Dictionary(
                uniqueKeysWithValues: fields.map {
                    ($0, FieldDescription(name: $0, label: $0.rawValue, type: "string"))
                }
            )
        )
    }

    /// An org in which nothing is missing.
    private static let whole = OrgSchema(objects: [
        .eventRecord: description(
            .eventRecord,
            [
                "Subject", "StartDateTime", "EndDateTime", "Location", "Description", "OwnerId",
                "WhoId",
            ]
        ),
        .contact: description(.contact, ["FirstName", "LastName", "Email", "Phone", "OwnerId"]),
        .lead: description(
            .lead,
            ["FirstName", "LastName", "Email", "Phone", "OwnerId", "Company"]
        ),
        .account: description(.account, []),
    ])

    private static func settings(_ record: SyncSettings.AttendeeRecord) -> SyncSettings {
        var settings = SyncSettings()
        settings.attendeeRecord = record
        return settings
    }

    struct Row: Sendable {
        var record: SyncSettings.AttendeeRecord
        var change: @Sendable (inout OrgSchema) -> Void
        /// The beginning of each line that is bad.
        var bad: [String]
    }

    static let rows = [
        Row(record: .lead, change: { _ in }, bad: []),
        Row(
            record: .contact,
            change: { $0.objects[.lead] = nil },
            bad: []
        ),
        Row(
            record: .lead,
            change: { $0.objects[.lead] = nil },
            bad: ["Lead: read, create, edit missing (grant it to the integration user"]
        ),
        Row(
            record: .contact,
            change: { $0.objects[.contact]?.isCreateable = false },
            bad: ["Contact: create missing (grant"]
        ),
        Row(
            record: .contact,
            change: { $0.objects[.eventRecord]?.isDeletable = false },
            bad: ["Event: delete missing (grant"]
        ),
        Row(
            record: .contact,
            change: {
                $0.objects[.eventRecord]?.fields["Location"] = nil
                $0.objects[.contact]?.fields["Phone"]?.isCreateable = false
                $0.objects[.contact]?.fields["Phone"]?.isUpdateable = false
            },
            bad: [
                "Event: fields not visible: Location (grant",
                "Contact: fields not editable: Phone (grant",
            ]
        ),
        Row(
            record: .contactUnderAccount,
            change: { $0.objects[.account] = nil },
            bad: ["Account: read missing (grant"]
        ),
        Row(record: .contact, change: { $0.objects[.account] = nil }, bad: []),
    ]

    @Test("is told object by object, with what is missing and needed", arguments: rows)
    func missing(row: Row) {
        var schema = Self.whole
        row.change(&schema)
        let report = AccessReport(schema, settings: [Self.settings(row.record)])
        #expect(report.lines.map(\.object) == [.eventRecord, .contact, .lead, .account])
        let bad = report.lines.filter(\.isBad).map(\.text)
        #expect(bad.count == row.bad.count, "\(bad)")
        for (text, start) in zip(bad, row.bad) { #expect(text.hasPrefix(start), "\(text)") }
    }

    @Test("asks for the event record alone while there are no settings")
    func withoutSettings() {
        let report = AccessReport(OrgSchema(), settings: [])
        #expect(report.lines.filter(\.isBad).map(\.object) == [.eventRecord])
        #expect(report.lines.filter { !$0.isComplete }.count == 4)
        #expect(report.lines[1].text.contains("not needed under the present settings"))
    }
}
