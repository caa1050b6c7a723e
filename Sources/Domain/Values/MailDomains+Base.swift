extension MailDomains {
    /// Endings under which anybody can register a name, apart from the top-level domains
    /// themselves, lower case.
    ///
    /// The common ones of the public suffix list; under an ending that is missing here, two
    /// companies may look alike, so the list errs on the long side.
    private static let endings: Set<String> = [
        "ac.at", "ac.jp", "ac.nz", "ac.uk", "ac.za", "asn.au", "co.at", "co.hu", "co.id", "co.il",
        "co.in", "co.jp", "co.ke", "co.kr", "co.nz", "co.th", "co.tz", "co.ug", "co.uk", "co.za",
        "co.zm", "co.zw", "com.ar", "com.au", "com.bd", "com.bo", "com.br", "com.cn", "com.co",
        "com.cy", "com.ec", "com.eg", "com.es", "com.gh", "com.gr", "com.gt", "com.hk", "com.kw",
        "com.lb", "com.mt", "com.mx", "com.my", "com.ng", "com.np", "com.pa", "com.pe", "com.ph",
        "com.pk", "com.pl", "com.pt", "com.py", "com.qa", "com.ro", "com.sa", "com.sg", "com.sv",
        "com.tr", "com.tw", "com.ua", "com.uy", "com.ve", "com.vn", "edu.au", "edu.cn", "edu.pl",
        "firm.in", "gen.in", "go.jp", "gob.mx", "gov.au", "gov.br", "gov.in", "gov.uk", "id.au",
        "in.net", "ind.in", "info.pl", "ltd.uk", "me.uk", "ne.jp", "net.au", "net.br", "net.cn",
        "net.in", "net.nz", "net.pl", "net.uk", "nom.br", "nom.es", "or.at", "or.jp", "or.kr",
        "org.au", "org.br", "org.cn", "org.es", "org.in", "org.mx", "org.nz", "org.pl", "org.uk",
        "org.za", "plc.uk", "sch.uk", "uk.com", "us.com", "waw.pl",
    ]

    /// The label that names a company, without its ending: `acme` of `mail.acme.co.uk`.
    ///
    /// - Parameter domain: A mail domain or the host of a website, lower case.
    /// - Returns: The label; nil for one of fewer than three letters and for free mail services,
    ///   which say nothing of a company.
    public static func base(of domain: String) -> String? {
        let labels = domain.split(separator: ".").map(String.init)
        guard labels.count >= 2, !free.contains(domain) else { return nil }
        let ending = labels.suffix(2).joined(separator: ".")
        let kept = labels.dropLast(endings.contains(ending) ? 2 : 1)
        guard let base = kept.last, base.count >= 3, !freeBases.contains(base) else { return nil }
        return base
    }

    /// The names of the free mail services, whatever ending they have.
    private static let freeBases: Set<String> = [
        "gmail", "googlemail", "hotmail", "outlook", "yahoo", "icloud", "aol", "protonmail",
        "yandex", "fastmail", "gmx", "live", "msn", "zoho", "ymail", "rocketmail",
    ]
}
