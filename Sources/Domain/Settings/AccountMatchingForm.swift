/// How the rules for finding an account are written in a settings document.
enum AccountMatchingForm {
    static func decode(_ node: DocumentNode?) throws(SettingsDocumentError) -> AccountMatching {
        var matching = AccountMatching()
        let keys = ["excludeRecordTypes", "matchSimilarDomains", "tieBreakers", "bookerPlace"]
        guard let object = try node?.object(keys: keys) else { return matching }
        matching.excludedRecordTypes = try object["excludeRecordTypes"]?.texts() ?? []
        matching.matchesSimilarDomains = try object["matchSimilarDomains"]?.flag() ?? false
        matching.tieBreakers = try tieBreakers(object["tieBreakers"])
        matching.bookerPlace = try place(object["bookerPlace"])
        return matching
    }

    /// `standard` for all of them, or a list, written in the order in which they are asked.
    private static func tieBreakers(
        _ node: DocumentNode?
    ) throws(SettingsDocumentError) -> [TieBreaker] {
        guard let node else { return [] }
        if node.value == .string("standard") { return TieBreaker.allCases }
        guard case .array = node.value else {
            throw node.wrongType("`standard` or a list of tie-breakers")
        }
        var chosen: [TieBreaker] = []
        for element in try node.elements() { chosen.append(try element.choice(TieBreaker.self)) }
        return TieBreaker.allCases.filter(chosen.contains)
    }

    private static func place(
        _ node: DocumentNode?
    ) throws(SettingsDocumentError) -> BookerPlaceSource {
        var source = BookerPlaceSource()
        let keys = ["subRegionField", "subRegion", "country", "state", "zip"]
        guard let object = try node?.object(keys: keys) else { return source }
        if let field = object["subRegionField"] {
            source.subRegionField = try field.fieldName(field.text())
        }
        source.subRegion = try object["subRegion"]?.text()
        source.country = try object["country"]?.text()
        source.state = try object["state"]?.text()
        source.zip = try object["zip"]?.text()
        return source
    }

    /// The form; nil for the rules that apply when a document says nothing.
    static func encode(_ matching: AccountMatching) -> JSON? {
        guard matching != AccountMatching() else { return nil }
        let place = matching.bookerPlace
        let words = matching.orderedTieBreakers.map { JSON.string($0.rawValue) }
        let excluded = matching.excludedRecordTypes.map(JSON.string)
        return .compact([
            ("excludeRecordTypes", excluded.isEmpty ? nil : .array(excluded)),
            ("matchSimilarDomains", matching.matchesSimilarDomains ? .bool(true) : nil),
            ("tieBreakers", words.isEmpty ? nil : .array(words)),
            ("bookerPlace", place == BookerPlaceSource() ? nil : encode(place)),
        ])
    }

    private static func encode(_ place: BookerPlaceSource) -> JSON {
        .compact([
            ("subRegionField", place.subRegionField.map { .string($0.rawValue) }),
            ("subRegion", place.subRegion.map(JSON.string)),
            ("country", place.country.map(JSON.string)),
            ("state", place.state.map(JSON.string)),
            ("zip", place.zip.map(JSON.string)),
        ])
    }
}
