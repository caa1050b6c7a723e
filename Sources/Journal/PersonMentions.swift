import Domain
import Foundation
import Ledger

/// The texts by which a person is recognised in what was said about other people.
///
/// An address and a telephone number are found anywhere; a name is found as whole words, and only
/// a full one: a first name alone belongs to too many people.
struct PersonMentions: Sendable {
    private var texts: Set<String> = []
    private var names: Set<String> = []
    private let blind: [UInt8]
    private let key: LedgerKey

    /// Begins with what tells the person without saying who it is.
    ///
    /// - Parameters:
    ///   - email: The address; nil when only the digest is known.
    ///   - blind: The keyed digest of the address.
    ///   - key: The key of the ledger.
    init(email: EmailAddress?, blind: [UInt8], key: LedgerKey) {
        (self.blind, self.key) = (blind, key)
        if let email { texts.insert(email.rawValue) }
    }

    /// Learns from a sealed part about the person.
    mutating func learn(_ part: PersonalPart) throws {
        guard part.name.contains("party-") else { return }
        let content = try JSON(parsing: part.content)
        if let email = content["email"]?.string { texts.insert(email) }
        if let phone = content["phone"]?.string, phone.count >= 6 { texts.insert(phone) }
        let full = [content["firstName"], content["lastName"]].compactMap { $0?.string }
        for name in [content["name"]?.string, full.joined(separator: " ")].compactMap({ $0 })
        where name.count >= 5 && name.contains(" ") {
            names.insert(name)
        }
    }

    /// Whether a text names the person.
    func isIn(_ text: String) -> Bool { redacted(text) != nil }

    /// A text without the person; nil if it does not name the person.
    func redacted(_ text: String, names isNamed: Bool = true) -> String? {
        var result = text
        for needle in texts { result = Self.replace(needle, in: result, asWords: false) }
        for needle in isNamed ? names : [] {
            result = Self.replace(needle, in: result, asWords: true)
        }
        for address in Self.addresses(in: result) where key.blind(address.lowercased()) == blind {
            result = Self.replace(address, in: result, asWords: false)
        }
        return result == text ? nil : result
    }

    /// A value without the person, in all its texts; nil if none names the person.
    ///
    /// - Parameters:
    ///   - json: The value.
    ///   - names: Whether names count: they do not in what is known of one other person, who may
    ///     have the same name.
    /// - Returns: What is left of it.
    func redacted(_ json: JSON, names: Bool) -> JSON? {
        let result = without(json, names)
        return result == json ? nil : result
    }

    private func without(_ json: JSON, _ names: Bool) -> JSON {
        switch json {
        case .string(let text): .string(redacted(text, names: names) ?? text)
        case .array(let elements): .array(elements.map { without($0, names) })
        case .object(let members):
            .object(
                members.map { member in
                    JSON.Member(
                        redacted(member.name, names: names) ?? member.name,
                        without(member.value, names)
                    )
                }
            )
        case .null, .bool, .number: json
        }
    }

    private static func replace(_ needle: String, in text: String, asWords: Bool) -> String {
        var result = text
        var start = result.startIndex
        while let range = result.range(
            of: needle,
            options: .caseInsensitive,
            range: start..<result.endIndex
        ) {
            let isWhole =
                !asWords
                || (!isLetter(result[..<range.lowerBound].last)
                    && !isLetter(result[range.upperBound...].first))
            let before = result.distance(from: result.startIndex, to: range.lowerBound)
            if isWhole { result.replaceSubrange(range, with: Tombstone.text) }
            start = result.index(
                result.startIndex,
                offsetBy: before + (isWhole ? Tombstone.text.count : 1)
            )
        }
        return result
    }

    private static func isLetter(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber } ?? false
    }

    /// Whatever looks like an address.
    private static func addresses(in text: String) -> Set<String> {
        guard text.contains("@") else { return [] }
        let isPart: (Character) -> Bool = { $0.isLetter || $0.isNumber || "._%+-@".contains($0) }
        return Set(
            text.split { !isPart($0) }.map(String.init)
                .filter { $0.contains("@") && $0.count <= 320 }
                .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: ".-%+")) }
        )
    }
}
