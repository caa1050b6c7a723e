import Domain
import Testing

@testable import Salesforce

@Suite("Rows of a job")
struct BulkTableTests {
    private let contact = Known.id("003000000000001AAA")

    private func update(_ fields: [FieldName: OutgoingValue]) -> WriteRequest {
        WriteRequest(
            operation: OperationID("person/1/contact"),
            kind: .update(contact),
            object: .contact,
            fields: fields
        )
    }

    @Test("leave alone what is not sent, empty what is empty, and spell every type")
    func cells() throws {
        let table = BulkTable(
            [
                update([
                    "Title": .value(.text("CTO, \"acting\"")), "Fax": .value(.empty),
                    "HasOptedOutOfEmail": .value(.flag(false)),
                    "Score__c": .value(.number("1.50")),
                    "Last_Demo__c": .value(.date(Known.day("2026-11-03"))),
                    "Booked_On__c": .value(.instant(Known.moment("2026-11-03T14:02:11.250Z"))),
                    "Topics__c": .value(.choices(["A", "B"])),
                    "AccountId": .record(.record(contact)),
                ]),
                WriteRequest(
                    operation: OperationID("person/2/contact"),
                    kind: .update(Known.id("003000000000002AAA")),
                    object: .contact,
                    fields: ["Title": .value(.text(""))]
                ),
            ],
            known: [:]
        )
        #expect(
            String(decoding: table.csv, as: UTF8.self) == """
                Id,AccountId,Booked_On__c,Fax,HasOptedOutOfEmail,Last_Demo__c,Score__c,Title,Topics__c
                003000000000001AAA,003000000000001AAA,2026-11-03T14:02:11.250Z,#N/A,false,2026-11-03,\
                1.50,"CTO, ""acting""\",A;B
                003000000000002AAA,,,,,,,#N/A,

                """
        )
    }

    @Test("take the ids of records that were made before, a list of one attendee as WhoId")
    func references() {
        let person = Sample.contact(1)
        let event = Sample.event(1, with: [person])
        let table = BulkTable([event], known: [person.operation: contact])
        #expect(table.columns == ["Daybook_Key__c", "Subject", "WhoId"])
        #expect(table.rows == [["k1", "Intro 1", "003000000000001AAA"]])
    }

    static let values: [(OutgoingValue, canCarry: Bool)] = [
        (.value(.text("x")), true), (.value(.empty), true), (.value(.text("#N/A")), false),
        (.value(.text(String(repeating: "x", count: 131_072))), true),
        (.value(.text(String(repeating: "x", count: 131_073))), false),
        (.record(.created(by: OperationID("a"))), true),
        (.value(.number("no number")), false),
        (.value(.references([Known.id("003000000000001AAA")])), false),
    ]

    @Test("carry what a row can say, and nothing else", arguments: values)
    func carrying(value: OutgoingValue, canCarry: Bool) {
        #expect(BulkTable.canCarry(update(["Description": value])) == canCarry)
    }

    @Test("carry one attendee of a new event record, but neither several nor a change of them")
    func attendees() {
        let people = [Sample.contact(1), Sample.contact(2)]
        #expect(BulkTable.canCarry(Sample.event(1, with: [people[0]])))
        #expect(!BulkTable.canCarry(Sample.event(1, with: people)))
        #expect(!BulkTable.canCarry(update(["EventWhoIds": .records([.record(contact)])])))
    }

    static let errors: [(text: String, code: String, message: String, fields: [FieldName])] = [
        (
            "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --",
            "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]
        ),
        (
            "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--",
            "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", []
        ),
        (
            "STRING_TOO_LONG:Title: data value too large: a:b (max length=128):Title,Fax --",
            "STRING_TOO_LONG", "Title: data value too large: a:b (max length=128)",
            ["Title", "Fax"]
        ),
        (
            "FIELD_CUSTOM_VALIDATION_EXCEPTION:Not on a Sunday: ask first!:--",
            "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Not on a Sunday: ask first!", []
        ),
        ("DUPLICATES_DETECTED", "DUPLICATES_DETECTED", "", []),
        ("what is this", "UNKNOWN_EXCEPTION", "what is this", []),
        ("", "UNKNOWN_EXCEPTION", "", []),
    ]

    @Test("tell why they failed: code, words and fields", arguments: errors)
    func error(text: String, code: String, message: String, fields: [FieldName]) {
        let error = RecordError(code: code, message: message, fields: fields)
        #expect(RecordError.all(bulk: text) == [error])
    }

    @Test("tell every reason")
    func errorsOfOneRow() {
        let errors = RecordError.all(bulk: "A_CODE:one: two:Title --;B_CODE:three:--")
        #expect(errors.map(\.code) == ["A_CODE", "B_CODE"])
        #expect(errors.map(\.message) == ["one: two", "three"])
        #expect(errors.map(\.fields) == [["Title"], []])
    }

    @Test("find their results in any order, the same ones interchangeably")
    func identity() throws {
        let contacts = [Sample.contact(1), Sample.contact(2), Sample.contact(1)]
        let table = BulkTable(contacts, known: [:])
        var results = BulkResults()
        let csv = """
            "sf__Id","sf__Created","LastName"
            "003000000000002AAA","true","Guest 2"
            "003000000000001AAA","true","Guest 1"
            "003000000000003AAA","true","Guest 1"

            """
        try results.add(Array(csv.utf8), of: .successful, .insert)
        var found: [BulkRowResult?] = []
        for identity in table.identities { found.append(results.take(identity)) }
        #expect(found[1] == .written(Known.id("003000000000002AAA"), wasCreated: true))
        #expect(
            Set([found[0], found[2]]) == [
                .written(Known.id("003000000000001AAA"), wasCreated: true),
                .written(Known.id("003000000000003AAA"), wasCreated: true),
            ]
        )
        #expect(results.take(table.identities[0]) == nil)
    }
}
