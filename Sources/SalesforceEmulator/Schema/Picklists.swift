/// The longer lists of values that several standard fields share.
enum Picklists {
    /// The values of a list, separated by semicolons; empty if there is no such list.
    static func named(_ name: Substring) -> String {
        lists[String(name)] ?? ""
    }

    private static let lists: [String: String] = [
        "accountTypes": """
        Prospect;Customer - Direct;Customer - Channel;Channel Partner / Reseller;\
        Installation Partner;Technology Partner;Other
        """,
        "cleanStatuses": """
        Matched;Different;Acknowledged;NotFound;Inactive;Pending;SelectMatch;Skipped
        """,
        "encodings": """
        UTF-8;ISO-8859-1;Shift_JIS;ISO-2022-JP;EUC-JP;ks_c_5601-1987;Big5;GB2312;\
        Big5-HKSCS;x-SJIS_0213
        """,
        "geocode": """
        Address;NearAddress;Block;Street;ExtendedZip;Zip;Neighborhood;City;County;State;Unknown
        """,
        "industries": """
        Agriculture;Apparel;Banking;Biotechnology;Chemicals;Communications;Construction;\
        Consulting;Education;Electronics;Energy;Engineering;Entertainment;Environmental;\
        Finance;Food & Beverage;Government;Healthcare;Hospitality;Insurance;Machinery;\
        Manufacturing;Media;Not For Profit;Recreation;Retail;Shipping;Technology;\
        Telecommunications;Transportation;Utilities;Other
        """,
        "languages": "en_US;de;es;fr;it;ja;sv;ko;zh_TW;zh_CN;pt_BR;nl_NL;da;th;fi;ru",
        "leadStatuses": """
        *Open - Not Contacted;Working - Contacted;Closed - Converted;Closed - Not Converted
        """,
        "locales": "en_US;en_GB;de_DE;fr_FR;es_ES;it_IT;sv_SE;da_DK;nl_NL;pt_BR;ja_JP",
        "months": """
        January;February;March;April;May;June;July;August;September;October;November;December
        """,
        "recurrences": """
        RecursDaily;RecursEveryWeekday;RecursMonthly;RecursMonthlyNth;RecursWeekly;\
        RecursYearly;RecursYearlyNth
        """,
        "sources": "Web;Phone Inquiry;Partner Referral;Purchased List;Other",
        "stages": """
        Prospecting;Qualification;Needs Analysis;Proposal/Price Quote;Negotiation/Review;\
        Closed Won;Closed Lost
        """,
        "subjects": "Call;Email;Meeting;Send Letter/Quote;Other",
        "timezones": """
        Pacific/Auckland;Australia/Sydney;Asia/Tokyo;Asia/Seoul;Asia/Shanghai;Asia/Singapore;\
        Asia/Kolkata;Asia/Dubai;Europe/Moscow;Europe/Istanbul;Europe/Athens;Europe/Helsinki;\
        Europe/Berlin;Europe/Paris;Europe/Amsterdam;Europe/Stockholm;Europe/Madrid;Europe/Rome;\
        Europe/London;Europe/Dublin;Europe/Lisbon;GMT;America/Sao_Paulo;America/Halifax;\
        America/New_York;America/Chicago;America/Denver;America/Phoenix;America/Los_Angeles;\
        America/Anchorage;Pacific/Honolulu
        """,
        "userTypes": """
        *Standard;PowerPartner;PowerCustomerSuccess;CustomerSuccess;Guest;CspLitePortal;\
        CsnOnly;SelfService
        """,
    ]
}
