import Domain
import Pipeline
import Testing

@Suite("Settings, held against what the org has")
struct SettingsCheckTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout SyncSettings) -> Void
        /// The severity and the beginning of what is found, for each finding.
        var findings: [String]
    }

    static let rows = [
        Row(
            testDescription: "what fits is not mentioned",
            change: {
                $0.eventRecordOnBooking = [.rule("Kind__c", .picklist, "Demo")]
                $0.attendeeOnBooking = [.rule("Note__c", .text, "{title}")]
                $0.noShowField = "No_Show__c"
            },
            findings: []
        ),
        Row(
            testDescription: "a field that is not there",
            change: { $0.eventRecordOnBooking = [.rule("Nowhere__c", .text, "x")] },
            findings: ["error onBooking/eventRecord/Nowhere__c: Event has no field 'Nowhere__c'"]
        ),
        Row(
            testDescription: "a field in the wrong letters",
            change: { $0.attendeeOnBooking = [.rule("note__C", .text, "x")] },
            findings: [
                """
                error onBooking/attendee/note__C: Contact has no field 'note__C'. Write it as the \
                org does: 'Note__c'.
                """
            ]
        ),
        Row(
            testDescription: "a field of another type",
            change: { $0.attendeeOnBooking = [.rule("Note__c", .checkbox, "x")] },
            findings: ["error onBooking/attendee/Note__c: Contact.Note__c is of type string, not"]
        ),
        Row(
            testDescription: "a no-show field that is no checkbox",
            change: { $0.noShowField = "Kind__c" },
            findings: ["error noShow/Kind__c: Event.Kind__c is of type picklist, not checkbox"]
        ),
        Row(
            testDescription: "a look-up of something else",
            change: { $0.attendeeOnBooking = [.rule("Region__c", .userLookup, "x")] },
            findings: [
                "error onBooking/attendee/Region__c: Contact.Region__c looks up Region__c, not User"
            ]
        ),
        Row(
            testDescription: "a field that nobody may write",
            change: { $0.attendeeOnBooking = [.rule("Locked__c", .text, "x")] },
            findings: ["error onBooking/attendee/Locked__c: Contact.Locked__c cannot be written"]
        ),
        Row(
            testDescription: "a field for new records only, written on booking",
            change: { $0.attendeeOnBooking = [.rule("Once__c", .text, "x")] },
            findings: ["warning onBooking/attendee/Once__c: Contact.Once__c can be set only when"]
        ),
        Row(
            testDescription: "a field for new records only, written on cancellation",
            change: { $0.attendeeOnCancellation = [.rule("Once__c", .text, "x")] },
            findings: ["error onCancellation/attendee/Once__c: Contact.Once__c can be set only"]
        ),
        Row(
            testDescription: "a field of one of the two objects only",
            change: {
                $0.attendeeRecord = .lead
                $0.attendeeOnBooking = [.rule("Note__c", .text, "x")]
            },
            findings: ["warning onBooking/attendee/Note__c: Lead has no field 'Note__c'"]
        ),
        Row(
            testDescription: "a fixed value that the picklist does not have",
            change: { $0.eventRecordOnBooking = [.rule("Kind__c", .picklist, "Party")] },
            findings: [
                """
                warning onBooking/eventRecord/Kind__c: 'Party' is no active value of Event.Kind__c. \
                The field will be held back until the value is added; active are Demo, Call.
                """
            ]
        ),
        Row(
            testDescription: "a value from the booking, which is judged when it is formed",
            change: { $0.eventRecordOnBooking = [.rule("Kind__c", .picklist, "{topic}")] },
            findings: []
        ),
        Row(
            testDescription: "a fixed text that is too long",
            change: { $0.attendeeOnBooking = [.rule("Note__c", .text, "more than ten")] },
            findings: [
                "warning onBooking/attendee/Note__c: the text has 13 characters, and Contact.Note__c"
            ]
        ),
        Row(
            testDescription: "a default for a field that is not there",
            change: { $0.creationDefaults = [.contact: ["LeadSource": .text("Cal.com")]] },
            findings: [
                "error creationDefaults/Contact/LeadSource: Contact has no field 'LeadSource'"
            ]
        ),
        Row(
            testDescription: "a required field of new leads that nothing sets",
            change: { $0.attendeeRecord = .lead },
            findings: [
                """
                warning creationDefaults/Lead/Tier__c: Lead.Tier__c is required, and nothing sets \
                it. Give it a value there, or every new Lead will be refused.
                """
            ]
        ),
        Row(
            testDescription: "a required field of new leads that a default sets",
            change: {
                $0.attendeeRecord = .lead
                $0.creationDefaults = [.lead: ["Tier__c": .text("A")]]
            },
            findings: []
        ),
        Row(
            testDescription: "an owner who cannot be changed",
            change: { $0.ownerChange = OwnerChange(target: .organizer, onlyIfOwnedBy: ["Queue"]) },
            findings: ["error ownerChange: Contact.OwnerId can be set only when"]
        ),
    ]

    @Test("tell", arguments: rows)
    func tell(row: Row) {
        var settings = SyncSettings()
        row.change(&settings)
        let told = SettingsCheck.findings(settings, .small).map {
            ($0.isError ? "error " : "warning ") + $0.text
        }
        // A lead's missing custom field is mentioned in rows that are about something else, too.
        let relevant = told.filter { text in
            row.findings.contains { text.hasPrefix($0) } || !text.contains("Lead.Tier__c")
        }
        #expect(relevant.count == row.findings.count, "\(told)")
        for (text, beginning) in zip(relevant, row.findings) { #expect(text.hasPrefix(beginning)) }
    }

    @Test("tell errors before warnings")
    func order() {
        var settings = SyncSettings()
        settings.attendeeOnBooking = [
            .rule("Note__c", .text, "more than ten"), .rule("Nowhere__c", .text, "x"),
        ]
        let findings = SettingsCheck.findings(settings, .small)
        #expect(findings.map(\.isError) == [true, false])
    }

    @Test("tell that an object cannot be seen")
    func hidden() {
        var settings = SyncSettings()
        settings.attendeeOnBooking = [.rule("Note__c", .text, "x")]
        let findings = SettingsCheck.findings(settings, OrgSchema())
        #expect(findings.map(\.found) == ["the integration user cannot see Contact"])
        #expect(findings.first?.isError == true)
    }
}

extension FieldRule {
    fileprivate static func rule(_ field: FieldName, _ type: FieldType, _ text: String) -> Self {
        FieldRule(field: field, type: type, value: .template(text), when: .always)
    }
}

extension OrgSchema {
    /// An org with few fields, one for each way in which something may not fit.
    fileprivate static let small = OrgSchema(objects: [
        .eventRecord: .of(
            .eventRecord,
            [
                FieldDescription(
                    name: "Kind__c",
                    label: "Kind",
                    type: "picklist",
                    activeValues: ["Demo", "Call"]
                ),
                FieldDescription(name: "No_Show__c", label: "No-show", type: "boolean"),
            ]
        ),
        .contact: .of(
            .contact,
            [
                FieldDescription(name: "Note__c", label: "Note", type: "string", length: 10),
                FieldDescription(
                    name: "Locked__c",
                    label: "Locked",
                    type: "string",
                    isCreateable: false,
                    isUpdateable: false
                ),
                FieldDescription(
                    name: "Once__c",
                    label: "Once",
                    type: "string",
                    isUpdateable: false
                ),
                FieldDescription(
                    name: "OwnerId",
                    label: "Owner",
                    type: "reference",
                    isUpdateable: false,
                    referenceTo: [.user]
                ),
                FieldDescription(
                    name: "Region__c",
                    label: "Region",
                    type: "reference",
                    referenceTo: ["Region__c"]
                ),
            ]
        ),
        .lead: .of(
            .lead,
            [
                FieldDescription(
                    name: "Tier__c",
                    label: "Tier",
                    type: "string",
                    isNillable: false
                )
            ]
        ),
    ])
}

extension ObjectDescription {
    fileprivate static func of(_ name: ObjectName, _ fields: [FieldDescription]) -> Self {
        ObjectDescription(
            name: name,
            isCreateable: true,
            isUpdateable: true,
            isDeletable: true,
            fields: Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0) })
        )
    }
}
