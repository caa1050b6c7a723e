/// The switches of an org, as seeds and the control interface set them.
struct OrgSettings: Hashable, Sendable {
    /// Whether an event can have several contacts.
    var sharedActivities = true

    /// Whether the field that Daybook keeps its key in is missing, as in an untouched org.
    var omitDaybookKey = false

    /// Fields that were taken away, as `Contact.X__c`.
    var hiddenFields: [String] = []

    /// Fields whose changes are kept, as `Contact.Title`; see ``FieldHistory``.
    var trackedFields: [String] = []

    /// The most API calls of a day.
    var dailyLimit = 105_000

    /// API calls counted before those made here.
    var used = 0

    /// How many seconds before they can be seen changes are stamped, as those of long transactions.
    var commitLagSeconds = 0.0

    /// How often a bulk job that waits is found in progress before it is found complete.
    var bulkPolls = 0

    /// How many seconds of the org's clock a bulk job takes that nobody asks for.
    var bulkSeconds = 1.0

    /// The most bytes of one bulk upload: 150 MB once they are encoded.
    var bulkUploadBytes = 100 * 1024 * 1024

    /// The most batches of bulk writes, and bulk queries, of 24 hours.
    var dailyBulkBatches = 15_000
    var dailyBulkQueries = 10_000

    /// What duplicate rules do, by type name: `allow`, `block` or `off`.
    var duplicateRules: [String: String] = [:]

    /// Whether duplicate rules compare contacts with leads.
    var duplicatesAcrossObjects = false

    /// Rules that refuse records or change them after saving; see ``Automation``.
    var automation: [Automation] = []

    /// What the users of the API may see and change.
    var access = AccessSettings()

    /// Takes over the members that are present.
    ///
    /// - Throws: ``EmulatorError/invalidSeed(_:)`` for a rule that is none; nothing was changed.
    mutating func merge(_ json: JSONObject) throws(EmulatorError) {
        var changed = self
        changed.sharedActivities = json["sharedActivities"]?.bool ?? sharedActivities
        changed.omitDaybookKey = json["omitDaybookKey"]?.bool ?? omitDaybookKey
        if let hidden = json["hiddenFields"]?.array {
            changed.hiddenFields = hidden.compactMap(\.text)
        }
        if let tracked = json["trackedFields"]?.array {
            changed.trackedFields = tracked.compactMap(\.text)
        }
        changed.dailyLimit = json["dailyLimit"]?.integer ?? dailyLimit
        changed.used = json["used"]?.integer ?? used
        changed.commitLagSeconds = json["commitLagSeconds"]?.double ?? commitLagSeconds
        changed.bulkPolls = json["bulkPolls"]?.integer ?? bulkPolls
        changed.bulkSeconds = json["bulkSeconds"]?.double ?? bulkSeconds
        changed.bulkUploadBytes = json["bulkUploadBytes"]?.integer ?? bulkUploadBytes
        changed.dailyBulkBatches = json["dailyBulkBatches"]?.integer ?? dailyBulkBatches
        changed.dailyBulkQueries = json["dailyBulkQueries"]?.integer ?? dailyBulkQueries
        for member in json["duplicateRules"]?.object?.members ?? [] {
            guard let action = member.value.text, ["allow", "block", "off"].contains(action) else {
                throw .invalidSeed("A duplicate rule is `allow`, `block` or `off`.")
            }
            changed.duplicateRules[member.key] = action
        }
        changed.duplicatesAcrossObjects =
            json["duplicatesAcrossObjects"]?.bool ?? duplicatesAcrossObjects
        changed.access.merge(json)
        if let rules = json["automation"]?.array {
            changed.automation = try rules.map { rule throws(EmulatorError) in
                try Automation(rule)
            }
        }
        self = changed
    }

    /// The settings in the form in which they are read.
    var json: JSON {
        let rules = duplicateRules.sorted { $0.key < $1.key }
        var json: JSONObject = [
            "sharedActivities": .bool(sharedActivities),
            "omitDaybookKey": .bool(omitDaybookKey),
            "hiddenFields": .array(hiddenFields.map { .string($0) }),
            "trackedFields": .array(trackedFields.map { .string($0) }),
            "dailyLimit": .integer(dailyLimit),
            "used": .integer(used),
            "commitLagSeconds": .number(commitLagSeconds),
            "bulkPolls": .integer(bulkPolls),
            "bulkSeconds": .number(bulkSeconds),
            "bulkUploadBytes": .integer(bulkUploadBytes),
            "dailyBulkBatches": .integer(dailyBulkBatches),
            "dailyBulkQueries": .integer(dailyBulkQueries),
            "duplicateRules": .object(
                JSONObject(rules.map { .init(key: $0.key, value: .string($0.value)) })
            ),
            "duplicatesAcrossObjects": .bool(duplicatesAcrossObjects),
            "automation": .array(automation.map(\.json)),
        ]
        for member in access.json.members { json[member.key] = member.value }
        return .object(json)
    }
}
