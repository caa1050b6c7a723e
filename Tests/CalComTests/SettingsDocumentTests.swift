import CalCom
import Domain
import Foundation
import Testing

@Suite("Settings document")
struct SettingsDocumentTests {
    private func settings(_ text: String) throws -> SyncSettings {
        try SettingsDocument.decodeSettings(.parsed(text))
    }

    @Test("says nothing by default")
    func empty() throws {
        #expect(try settings("{}") == SyncSettings())
        #expect(SettingsDocument.encode(SyncSettings()) == .object([]))
    }

    @Test("reads every setting")
    func everything() throws {
        let settings = try settings(Self.complete)
        #expect(settings == .complete)
        #expect(SettingsDocument.encode(settings).prettyText == Self.complete)
    }

    /// The form that ledgers hold: add to it, never change it.
    static let complete = """
        {
          "attendeeRecord": "lead",
          "onBooking": {
            "eventRecord": {
              "Booking_Uid__c": "{booking_uid}",
              "Is_Demo__c": true,
              "Booked_On__c": {
                "value": "booking_created_date",
                "type": "datetime"
              }
            },
            "attendee": {
              "LeadSource": {
                "value": "Web",
                "type": "picklist",
                "when": "whenEmpty"
              },
              "Demo_Owner__c": {
                "value": "booking_organizer",
                "type": "userLookup"
              },
              "Account__c": {
                "value": "matched_account",
                "type": "accountLookup",
                "when": "protect"
              }
            },
            "account": {
              "Last_Meeting__c": {
                "value": "booking_start_date",
                "type": "date"
              }
            }
          },
          "onCancellation": {
            "eventRecord": {
              "keep": true,
              "write": {
                "Status__c": "Cancelled"
              }
            },
            "attendee": {
              "Cancelled_On__c": {
                "value": "booking_cancel_date",
                "type": "date",
                "when": "enforce"
              }
            }
          },
          "onFallback": {
            "attendee": {
              "Missed__c": true
            },
            "create": [
              {
                "name": "miss-1",
                "object": "Routing_Miss__c",
                "fields": {
                  "Account__c": {
                    "value": "matched_account",
                    "type": "accountLookup"
                  }
                },
                "skipIfHostOwnsAccount": true
              }
            ]
          },
          "onForm": {
            "submitted": {
              "Last_Form__c": "{topic}"
            },
            "abandoned": {
              "Gave_Up__c": true
            }
          },
          "ignoreGuests": true,
          "skipContactCreation": true,
          "checkForExistingContact": true,
          "createContactUnderAccount": true,
          "createLeadIfNoAccount": true,
          "ownerChange": {
            "to": {
              "user": "jo@example.com"
            },
            "onlyIfOwnedBy": [
              "Inbound Queue"
            ]
          },
          "accountOwnerChange": {
            "to": "organizer",
            "onlyIfOwnedBy": [
              "Inbound Queue"
            ]
          },
          "accounts": {
            "excludeRecordTypes": [
              "Partner"
            ],
            "matchSimilarDomains": true,
            "tieBreakers": [
              "country",
              "oldest"
            ],
            "bookerPlace": {
              "subRegionField": "Territory__c",
              "subRegion": "sub-region",
              "country": "country",
              "state": "state",
              "zip": "zip"
            }
          },
          "noShow": {
            "field": "No_Show__c"
          },
          "ownerRouting": {
            "lookUp": "contact",
            "skipFreeMail": true,
            "fallBackToLead": true,
            "rules": [
              {
                "field": "Region__c",
                "equals": "EMEA",
                "action": "require"
              }
            ],
            "accountUserField": "Region__r.Owner__c",
            "query": "SELECT OwnerId FROM Account WHERE Name = {company} LIMIT 1"
          },
          "onAmbiguous": "review",
          "onDeleted": "makeAgain",
          "dateTimeZone": "Europe/London",
          "creationDefaults": {
            "Lead": {
              "LeadSource": "Web",
              "Score__c": 5
            }
          },
          "notYetSupported": [
            "tiebreakerRules"
          ]
        }
        """

    @Test("has several scopes")
    func scopes() throws {
        let document = try JSON.parsed(
            """
            {"eventTypes": {"90": {"ignoreGuests": true}, "88": {}},
             "default": {"attendeeRecord": "lead"}}
            """
        )
        let scoped = try SettingsDocument.decode(document)
        #expect(scoped.map(\.scope.name) == ["default", "88", "90"])
        #expect(scoped.first?.settings.attendeeRecord == .lead)
        let again = try SettingsDocument.decode(SettingsDocument.encode(scoped))
        #expect(again == scoped)
    }

    @Test(
        "says in short what is said most",
        arguments: [
            (#""{company}""#, FieldType.text, ValueSource.template("{company}")),
            ("true", .checkbox, .flag(true)),
            (#"{"value": "x"}"#, .text, .template("x")),
            (#"{"value": false}"#, .checkbox, .flag(false)),
            (#"{"value": "booking_start_date", "type": "date"}"#, .date, .bookingStartDate),
            (
                #"{"value": "booking_start_date", "type": "text"}"#, .text,
                .template("booking_start_date")
            ),
            (
                #"{"value": {"from": "booking_start_date"}, "type": "text"}"#, .text,
                .bookingStartDate
            ),
            (
                #"{"value": {"text": "booking_start_date"}, "type": "date"}"#, .date,
                .template("booking_start_date")
            ),
            (#"{"value": "{due}", "type": "date"}"#, .date, .template("{due}")),
        ]
    )
    func rules(form: String, type: FieldType, value: ValueSource) throws {
        let rule = try settings(#"{"onBooking": {"attendee": {"A__c": \#(form)}}}"#)
            .attendeeOnBooking.first
        #expect(rule == FieldRule(field: "A__c", type: type, value: value, when: .always))
    }

    @Test(
        "keeps or deletes the event record of a cancelled booking",
        arguments: [
            (#""delete""#, SyncSettings.CancelledEventRecord.delete),
            (#""keep""#, .keep([])),
            (#"{"keep": true}"#, .keep([])),
            (#"{"keep": false}"#, .delete),
            ("null", .delete),
        ]
    )
    func cancellation(form: String, meaning: SyncSettings.CancelledEventRecord) throws {
        let settings = try settings(#"{"onCancellation": {"eventRecord": \#(form)}}"#)
        #expect(settings.onCancellation == meaning)
    }

    @Test(
        "refuses mistakes and says what would be right",
        arguments: [
            ("[]", "Found a list at the top of the document, expected an object with keys."),
            (
                #"{"atendeeRecord": "lead"}"#,
                "Unknown key `atendeeRecord` at the top of the document. "
                    + "Did you mean `attendeeRecord`?"
            ),
            (
                #"{"zzz": 1}"#,
                "Unknown key `zzz` at the top of the document. Remove it; "
                    + "Documentation/settings.md lists the keys."
            ),
            (
                #"{"attendeeRecord": "Lead"}"#,
                "`Lead` is not possible at `attendeeRecord`, expected one of `contact`, `lead`, "
                    + "`contactUnderAccount` (did you mean `lead`?)."
            ),
            (
                #"{"ignoreGuests": "yes"}"#,
                "Found a text at `ignoreGuests`, expected true or false."
            ),
            (
                #"{"dateTimeZone": "Mars/Olympus"}"#,
                "`Mars/Olympus` is not possible at `dateTimeZone`, expected a time zone by its IANA "
                    + "name, for example `Europe/London`."
            ),
            (
                #"{"onBooking": {"attendee": {"A__c": {"value": "x", "when": "sometimes"}}}}"#,
                "`sometimes` is not possible at `onBooking.attendee.A__c.when`, expected one of "
                    + "`always`, `whenEmpty`, `whenEmptyOrOurs`, `protect`, `sticky`, `enforce`, "
                    + "`observe`."
            ),
            (
                #"{"onBooking": {"attendee": {"A__c": {"type": "text"}}}}"#,
                "The key `value` is missing at `onBooking.attendee.A__c`."
            ),
            (
                #"{"onBooking": {"attendee": {"A__c": 5}}}"#,
                "Found a number at `onBooking.attendee.A__c`, expected a text, true or false, or an "
                    + "object with `value`."
            ),
            (
                #"{"onBooking": {"attendee": {"A__c": "booking_start_date"}}}"#,
                "`booking_start_date` is not possible at `onBooking.attendee.A__c`, expected it only "
                    + "together with `type: date`, `type: datetime`."
            ),
            (
                #"{"onBooking": {"attendee": {"A__c": "x", "A__c": "y"}}}"#,
                "The key `A__c` stands twice at `onBooking.attendee`; keep one of them."
            ),
            (
                #"{"onCancellation": {"eventRecord": {"write": {"A__c": "x"}}}}"#,
                "The key `keep` is missing at `onCancellation.eventRecord`."
            ),
            (
                #"{"onCancellation": {"eventRecord": {"keep": false, "write": {"A__c": "x"}}}}"#,
                "`write` is not possible at `onCancellation.eventRecord.write`, expected "
                    + "`keep: true` beside it; a deleted event record cannot be written to."
            ),
            (
                #"{"ownerChange": {"to": "organizer"}}"#,
                "The key `onlyIfOwnedBy` is missing at `ownerChange`."
            ),
            (
                #"{"ownerChange": {"to": "organizer", "onlyIfOwnedBy": []}}"#,
                "`[]` is not possible at `ownerChange.onlyIfOwnedBy`, expected at least one owner."
            ),
            (
                #"{"accountOwnerChange": {"to": "organizer", "onlyIfOwnedBy": []}}"#,
                "`[]` is not possible at `accountOwnerChange.onlyIfOwnedBy`, expected at least one "
                    + "owner."
            ),
            (
                #"{"accounts": {"tieBreakers": ["countries"]}}"#,
                "`countries` is not possible at `accounts.tieBreakers.1`, expected one of "
                    + "`subRegion`, `countryStateAndZip`, `countryAndState`, `country`, "
                    + "`mostChildAccounts`, `mostOpportunities`, `mostContacts`, "
                    + "`latestActivity`, `oldest` (did you mean `country`?)."
            ),
            (
                #"{"accounts": {"tieBreakers": "all"}}"#,
                "Found a text at `accounts.tieBreakers`, expected `standard` or a list of "
                    + "tie-breakers."
            ),
            (
                #"{"ownerRouting": {"lookUp": "lead", "rules": [{"field": "A__c", "equals": "x"}]}}"#,
                "The key `action` is missing at `ownerRouting.rules.1`."
            ),
            (
                #"{"ownerRouting": {"lookUp": "lead", "accountUserField": "Region__r..X"}}"#,
                "`Region__r..X` is not possible at `ownerRouting.accountUserField`, expected a field "
                    + "of the account, or a path such as `Region__r.Owner__c`."
            ),
            (
                #"{"ownerRouting": {"lookUp": "lead", "query": "DELETE FROM Lead"}}"#,
                "`the query` is not possible at `ownerRouting.query`, expected one SELECT that only "
                    + "reads, but it does not begin with SELECT."
            ),
            (
                #"{"onFallback": {"create": [{"name": "a b", "object": "X__c"}]}}"#,
                "`a b` is not possible at `onFallback.create.1.name`, expected a name of letters, "
                    + "digits, `-` and `_`."
            ),
            (
                """
                {"onFallback": {"create": [{"name": "a", "object": "X__c"}, \
                {"name": "a", "object": "Y__c"}]}}
                """,
                "The key `a` stands twice at `onFallback.create`; keep one of them."
            ),
            (
                #"{"creationDefaults": {"Lead": {"A__c": {"date": "2026-02-30"}}}}"#,
                "`2026-02-30` is not possible at `creationDefaults.Lead.A__c.date`, expected a day, "
                    + "for example 2026-11-03."
            ),
        ]
    )
    func mistakes(document: String, message: String) throws {
        let json = try JSON.parsed(document)
        let error = #expect(throws: SettingsDocumentError.self) {
            try SettingsDocument.decodeSettings(json)
        }
        #expect(error?.description == message)
    }

    @Test(
        "refuses settings whose bookings it does not name",
        arguments: [
            (#"{"attendeeRecord": "lead"}"#, "`attendeeRecord` stands at the top of the document."),
            (#"{"eventTypes": {"demo": {}}}"#, "`demo` is not possible at `eventTypes`"),
            (#"{"eventTypes": {"88": {"x": 1}}}"#, "Unknown key `x` at `eventTypes.88`."),
            (#"{"eventType": {}}"#, "Did you mean `eventTypes`?"),
        ]
    )
    func documentMistakes(document: String, message: String) throws {
        let json = try JSON.parsed(document)
        let error = #expect(throws: SettingsDocumentError.self) {
            try SettingsDocument.decode(json)
        }
        #expect(error?.description.contains(message) == true)
    }

    @Test("takes all tie-breakers by one word, and keeps them in the order in which they are asked")
    func tieBreakers() throws {
        let standard = try settings(#"{"accounts": {"tieBreakers": "standard"}}"#)
        #expect(standard.accounts.tieBreakers == TieBreaker.allCases)
        let some = try settings(#"{"accounts": {"tieBreakers": ["oldest", "country", "oldest"]}}"#)
        #expect(some.accounts.tieBreakers == [.country, .oldest])
    }

    @Test("can be read back as it was written, whatever the settings", arguments: UInt64(1)...200)
    func roundTrip(seed: UInt64) throws {
        var generator = SettingsGenerator(seed: seed)
        let settings = generator.settings()
        let json = SettingsDocument.encode(settings)
        #expect(try SettingsDocument.decodeSettings(json) == settings)
        #expect(try JSON(parsing: json.bytes) == json)
        #expect(SettingsDocument.encode(settings).bytes == json.bytes)
    }

    @Test("has the keys that its schema describes")
    func schema() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appending(path: "Schemas/settings.schema.json")
        let schema = try JSON(parsing: Array(Data(contentsOf: file)))
        let described = schema["$defs"]?["settings"]?["properties"]?.members?.map(\.name) ?? []
        let written = SettingsDocument.encode(SyncSettings.complete).members?.map(\.name)
        #expect(described == written)
        for (name, words) in [
            ("fieldType", FieldType.allCases.map(\.rawValue)),
            ("when", WritePolicy.allCases.map(\.rawValue)),
        ] {
            let listed = schema["$defs"]?[name]?["oneOf"]?.array?.compactMap { $0["const"]?.string }
            #expect(listed == words)
        }
    }
}

extension SyncSettings {
    /// Settings in which nothing has its initial value.
    static var complete: SyncSettings {
        var settings = SyncSettings()
        settings.attendeeRecord = .lead
        settings.eventRecordOnBooking = [
            FieldRule(
                field: "Booking_Uid__c",
                type: .text,
                value: .template("{booking_uid}"),
                when: .always
            ),
            FieldRule(field: "Is_Demo__c", type: .checkbox, value: .flag(true), when: .always),
            FieldRule(
                field: "Booked_On__c",
                type: .datetime,
                value: .bookingCreatedDate,
                when: .always
            ),
        ]
        settings.attendeeOnBooking = [
            FieldRule(
                field: "LeadSource",
                type: .picklist,
                value: .template("Web"),
                when: .whenEmpty
            ),
            FieldRule(
                field: "Demo_Owner__c",
                type: .userLookup,
                value: .bookingOrganizer,
                when: .always
            ),
            FieldRule(
                field: "Account__c",
                type: .accountLookup,
                value: .matchedAccount,
                when: .protect
            ),
        ]
        settings.onCancellation = .keep([
            FieldRule(
                field: "Status__c",
                type: .text,
                value: .template("Cancelled"),
                when: .always
            )
        ])
        settings.attendeeOnCancellation = [
            FieldRule(
                field: "Cancelled_On__c",
                type: .date,
                value: .bookingCancelDate,
                when: .enforce
            )
        ]
        settings.accountOnBooking = [
            FieldRule(
                field: "Last_Meeting__c",
                type: .date,
                value: .bookingStartDate,
                when: .always
            )
        ]
        settings.fallback.attendee = [
            FieldRule(field: "Missed__c", type: .checkbox, value: .flag(true), when: .always)
        ]
        settings.fallback.create = [
            FallbackRecord(
                name: "miss-1",
                object: "Routing_Miss__c",
                fields: [
                    FieldRule(
                        field: "Account__c",
                        type: .accountLookup,
                        value: .matchedAccount,
                        when: .always
                    )
                ],
                skipIfHostOwnsAccount: true
            )
        ]
        settings.forms.submitted = [
            FieldRule(
                field: "Last_Form__c",
                type: .text,
                value: .template("{topic}"),
                when: .always
            )
        ]
        settings.forms.abandoned = [
            FieldRule(field: "Gave_Up__c", type: .checkbox, value: .flag(true), when: .always)
        ]
        settings.accountOwnerChange = OwnerChange(
            target: .organizer,
            onlyIfOwnedBy: ["Inbound Queue"]
        )
        settings.accounts.excludedRecordTypes = ["Partner"]
        settings.accounts.matchesSimilarDomains = true
        settings.accounts.tieBreakers = [.country, .oldest]
        settings.accounts.bookerPlace.subRegionField = "Territory__c"
        settings.accounts.bookerPlace.subRegion = "sub-region"
        settings.accounts.bookerPlace.country = "country"
        settings.accounts.bookerPlace.state = "state"
        settings.accounts.bookerPlace.zip = "zip"
        settings.ignoreGuests = true
        settings.skipContactCreation = true
        settings.checkForExistingContact = true
        settings.createContactUnderAccount = true
        settings.createLeadIfNoAccount = true
        settings.ownerChange = OwnerChange(
            target: .user("jo@example.com"),
            onlyIfOwnedBy: ["Inbound Queue"]
        )
        settings.noShowField = "No_Show__c"
        settings.ownerRouting = OwnerRouting(
            lookUp: .contact,
            skipFreeMail: true,
            fallBackToLead: true
        )
        settings.ownerRouting?.rules = [
            RoutingRule(field: "Region__c", value: "EMEA", action: .require)
        ]
        settings.ownerRouting?.accountUserField = "Region__r.Owner__c"
        settings.ownerRouting?.query = OwnerQuery.sample
        settings.onAmbiguous = .review
        settings.onDeleted = .makeAgain
        settings.dateTimeZone = "Europe/London"
        settings.creationDefaults = [
            .lead: ["LeadSource": .text("Web"), "Score__c": .number("5")]
        ]
        settings.notYetSupported = ["tiebreakerRules"]
        return settings
    }
}

extension OwnerQuery {
    /// A query that binds a value and quotes another.
    static let sample: Self? = {
        do {
            return try Self("SELECT OwnerId FROM Account WHERE Name = {company} LIMIT 1")
        } catch {
            return nil
        }
    }()
}
