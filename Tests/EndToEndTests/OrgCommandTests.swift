import Foundation
import TestSupport
import Testing

/// Looking at an org, and setting it up.
@Suite("The org", .timeLimit(.minutes(15)))
struct OrgCommandTests {
    @Test("tells what it is, as whom we ask, and what is left of its allowances")
    func info() async throws {
        try await withTrial { trial, org in
            let info = try await trial.json("org", "info")
            #expect(info["org"]?["name"] == "Daybook Example")
            #expect(info["org"]?["sandbox"] == false)
            #expect(info["user"]?["profile"] == "System Administrator")
            #expect(info["instanceURL"]?.text == org.url)
            let text = try await trial.expect("org", "info").output
            #expect(text.contains("integration@daybook.example"))

            try await org.control("settings", #"{"dailyLimit":20000,"used":1000}"#)
            let limits = try await trial.json("org", "limits")
            #expect(limits["DailyApiRequests"]?["max"] == 20_000)
            #expect((limits["DailyApiRequests"]?["remaining"]?.int ?? 0) < 19_000)
            #expect(try await trial.expect("org", "limits").output.contains("of 20000 left"))
        }
    }

    @Test("shows an object as our user sees it, and says so when it sees none")
    func describe() async throws {
        try await withTrial { trial, org in
            let contact = try await trial.json("org", "describe", "Contact")
            let fields = contact["fields"]?.list ?? []
            let name = fields.first { $0["name"] == "LastName" }
            #expect(name?["required"] == true)
            #expect(name?["length"] == 80)
            let text = try await trial.expect("org", "describe", "Event").output
            #expect(text.hasPrefix("Event: read, create, edit, delete"))
            #expect(text.contains("external id"))

            try await org.control("settings", #"{"hiddenObjects":["Lead"]}"#)
            let hidden = try await trial.run("org", "describe", "Lead")
            #expect(hidden.status == 77)
            #expect(hidden.output.isEmpty)
            #expect(hidden.messages.contains("grant Read on it"))
        }
    }

    @Test("tells what is missing object by object, in permissions and in doctor")
    func permissions() async throws {
        try await withTrial { trial, org in
            try await trial.importSettings()
            try await trial.expect("org", "permissions")
            try await org.control(
                "settings",
                #"{"readOnlyObjects":["Contact"],"hiddenFields":["Event.Location"]}"#
            )
            let report = try await trial.json("org", "permissions", status: 77)
            #expect(report["ok"] == false)
            let objects = report["objects"]?.list ?? []
            let event = objects.first { $0["object"] == "Event" }
            #expect(event?["hiddenFields"]?.list == ["Location"])
            let doctor = try await trial.run("doctor")
            #expect(doctor.status == 77)
            #expect(doctor.output.contains("Event: fields not visible: Location"))
            #expect(doctor.output.contains("Contact: create, edit missing"))
        }
    }

    @Test("gets the key field in steps that are shown first, and then has nothing left to do")
    func prepare() async throws {
        try await withTrial { trial, org in
            try await org.control(
                "settings",
                #"{"omitDaybookKey":true,"fieldLevelSecurity":true}"#
            )
            let plan = try await trial.json("org", "prepare")
            let steps = ["createField", "createPermissionSet", "openField", "assignPermissionSet"]
            #expect(plan["steps"]?.list.map { $0["step"]?.text } == steps)
            #expect(plan["steps"]?.list.allSatisfy { $0["outcome"] == "planned" } == true)
            #expect(try await org.created.isEmpty)
            let text = try await trial.run("org", "prepare", "--detailed-exitcode")
            #expect(text.status == 2)
            #expect(text.output.contains("field Activity.Daybook_Key__c: Text(255), external id"))
            #expect(text.output.contains("Plan: 4 to add"))
            #expect(try await trial.json("doctor")["ok"] == true)

            let applied = try await trial.json("org", "prepare", "--apply")
            #expect(applied["steps"]?.list.allSatisfy { $0["outcome"] == "done" } == true)
            let again = try await trial.json("org", "prepare", "--detailed-exitcode")
            #expect(again["ready"] == true)
            #expect(again["steps"]?.list.isEmpty == true)

            try await trial.prepare()
            try await trial.expect("reconcile")
            let keys = try await org.query("SELECT Daybook_Key__c FROM Event")
            #expect(keys.count == 1)
            #expect(keys.first?["Daybook_Key__c"]?.text?.contains(Recorded.uid) == true)
        }
    }

    @Test("finishes what an earlier preparation began")
    func prepareAgain() async throws {
        try await withTrial { trial, org in
            try await org.control(
                "settings",
                #"{"omitDaybookKey":true,"fieldLevelSecurity":true}"#
            )
            try await org.fail("requestLimit", match: "sobjects/FieldPermissions")
            let broken = try await trial.run("org", "prepare", "--apply")
            #expect(broken.status == 75, "\(broken.messages)")
            let rest = try await trial.json("org", "prepare")
            let steps = rest["steps"]?.list.map { $0["step"]?.text }
            #expect(steps == ["openField", "assignPermissionSet"])
        }
    }

    @Test("works without the key field where it may not be added, and says who can")
    func prepareRefused() async throws {
        try await withTrial { trial, org in
            try await org.control("settings", #"{"omitDaybookKey":true,"setupAccess":false}"#)
            let refused = try await trial.json("org", "prepare", "--apply", status: 77)
            let outcomes = refused["steps"]?.list.map { $0["outcome"]?.text }
            #expect(outcomes == ["refused", "skipped", "skipped", "skipped"])
            let words = try await trial.run("org", "prepare", "--apply")
            #expect(words.messages.contains("let an administrator do the steps"))
            try await trial.prepare()
            try await trial.expect("reconcile")
            #expect(try await org.created["Event"] == 1)
            try await trial.expect("plan", "--all", "--detailed-exitcode")
        }
    }
}
