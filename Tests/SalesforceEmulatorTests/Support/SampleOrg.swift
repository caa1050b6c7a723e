@testable import SalesforceEmulator

/// The small org that queries are tried on.
enum SampleOrg {
    static let seed: JSON = [
        "records": [
            "Account": [
                ["ref": "acme", "Name": "Acme", "Website": "https://acme.example"],
                ["ref": "globex", "Name": "Globex", "Website": "https://globex.example"],
            ],
            "Contact": [
                [
                    "ref": "ann", "FirstName": "Ann", "LastName": "Lee",
                    "Email": "ann@acme.example",
                    "AccountId": "@ref:acme", "Products__c": "Routing;Analytics",
                    "Marketing_Consent__c": true, "Last_Demo__c": "2026-02-27",
                ],
                [
                    "ref": "bob", "FirstName": "Bob", "LastName": "O'Hara",
                    "Email": "Bob@globex.example", "AccountId": "@ref:globex",
                    "Products__c": "Insights", "Last_Demo__c": "2026-03-01",
                ],
                ["ref": "cem", "FirstName": "Cem", "LastName": "100%_Sure", "Title": "CTO"],
            ],
            "Lead": [["ref": "lia", "LastName": "Lia", "Company": "Initech"]],
            "Event": [
                [
                    "Subject": "Intro", "WhoId": "@ref:ann", "Daybook_Key__c": "Key-1",
                    "StartDateTime": "2026-03-02T09:00:00Z", "DurationInMinutes": 30,
                ],
                [
                    "Subject": "Demo", "WhoId": "@ref:lia", "Daybook_Key__c": "key-1",
                    "StartDateTime": "2026-03-05T09:00:00Z", "DurationInMinutes": 60,
                ],
                [
                    "Subject": "Old", "WhoId": "@ref:bob",
                    "StartDateTime": "2024-03-05T09:00:00Z", "DurationInMinutes": 60,
                ],
            ],
        ]
    ]
}
