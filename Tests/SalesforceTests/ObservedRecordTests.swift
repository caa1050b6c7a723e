import Domain
import Testing

@testable import Salesforce

@Suite("Observed records")
struct ObservedRecordTests {
    static let values: [(field: FieldName, type: String?, json: JSON, value: FieldValue)] = [
        ("Name", "string", .string("Ada"), .text("Ada")),
        ("Name", "string", .string("2026-03-01"), .text("2026-03-01")),
        ("Name", "string", .string(""), .empty),
        ("Name", "string", .null, .empty),
        ("IsDone__c", "boolean", .bool(false), .flag(false)),
        ("Amount", "currency", .number("1.50"), .number("1.50")),
        ("Day__c", "date", .string("2026-03-01"), .date(Known.day("2026-03-01"))),
        ("Day__c", nil, .string("2026-03-01"), .date(Known.day("2026-03-01"))),
        (
            "StartDateTime", "datetime", .string("2026-03-01T09:00:00.000+0000"),
            .instant(Known.moment("2026-03-01T09:00:00Z"))
        ),
        (
            "StartDateTime", nil, .string("2026-03-01T09:00:00.000+0000"),
            .instant(Known.moment("2026-03-01T09:00:00Z"))
        ),
        ("Tiers__c", "multipicklist", .string("A;B"), .choices(["A", "B"])),
        (
            "OwnerId", "reference", .string("005bb00000H6aX0AAJ"),
            .reference(Known.id("005bb00000H6aX0AAJ"))
        ),
        (
            "OwnerId", nil, .string("005bb00000H6aX0AAJ"),
            .reference(Known.id("005bb00000H6aX0AAJ"))
        ),
        ("Code__c", nil, .string("005bb00000H6aX0AAJ"), .text("005bb00000H6aX0AAJ")),
        (
            "EventWhoIds", nil, .array([.string("003Vr00000m4eGCIAY")]),
            .references([Known.id("003Vr00000m4eGCIAY")])
        ),
        ("EventWhoIds", "junctionidlist", .null, .empty),
    ]

    @Test("hold values of the right type", arguments: values)
    func value(field: FieldName, type: String?, json: JSON, value: FieldValue) {
        #expect(FieldValue(json, field: field, type: type) == value)
    }

    @Test("keep system fields and the texts of related records apart")
    func record() throws {
        let row = try JSON(
            parsing: #"""
                {"attributes":{"type":"Event"},"Id":"00Ubb00000H6aX0AAJ","Subject":"Intro",
                "Owner":{"attributes":{},"Name":"Ann","Manager":{"IsActive":true}},"Who":null,
                "CreatedDate":"2026-03-01T09:00:00.000+0000","IsDeleted":true,
                "LastModifiedDate":"2026-03-02T09:00:00.000+0000",
                "LastModifiedById":"005bb00000H6aX0AAJ",
                "SystemModstamp":"2026-03-03T09:00:00.000+0000"}
                """#
        )
        let record = try #require(
            ObservedRecord(row: row, object: .eventRecord, description: nil)
        )
        #expect(record.fields == ["Subject": .text("Intro"), "Who": .empty])
        #expect(record.related == ["Owner.Name": "Ann", "Owner.Manager.IsActive": "true"])
        #expect(record.created?.rfc3339Seconds == "2026-03-01T09:00:00Z")
        #expect(record.lastModified?.rfc3339Seconds == "2026-03-02T09:00:00Z")
        #expect(record.stamp?.rfc3339Seconds == "2026-03-03T09:00:00Z")
        #expect(record.lastModifiedBy?.rawValue == "005bb00000H6aX0AAJ")
        #expect(record.isDeleted)
    }

    @Test("need an id")
    func noID() throws {
        let row = try JSON(parsing: #"{"Subject":"Intro"}"#)
        #expect(ObservedRecord(row: row, object: .eventRecord, description: nil) == nil)
    }
}

@Suite("Record errors")
struct RecordErrorTests {
    static let spellings = ["duplicateResult", "duplicateResut"]

    @Test("name the duplicates, in both spellings", arguments: spellings)
    func duplicates(spelling: String) throws {
        let body = try JSON(
            parsing: #"""
                [{"\#(spelling)":{"allowSave":true,"matchResults":[{"matchRecords":[
                {"record":{"Id":"003Vr00000m4eGC"}},{"record":{"Id":"003Vr00000m4eGCIAY"}}]}]},
                "errorCode":"DUPLICATES_DETECTED","message":"Use one of these records?"}]
                """#
        )
        let error = try #require(APIError.all(in: body).first).recordError
        #expect(error.code == "DUPLICATES_DETECTED")
        #expect(error.duplicates.map(\.rawValue) == ["003Vr00000m4eGCIAY"])
        #expect(error.allowsDuplicates, "the rule only warns")
    }
}
