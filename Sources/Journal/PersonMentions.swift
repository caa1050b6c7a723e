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
        where name.count >= 5 && name.utf8.contains(UInt8(ascii: " ")) {
            names.insert(name)
        }
    }

    /// Whether what was delivered names the person: as it was sent, or as it is read.
    ///
    /// In a document an escaped line end or letter may stand beside an address or inside a name.
    func isIn(_ delivered: [UInt8]) -> Bool {
        if redacted(String(decoding: delivered, as: UTF8.self)) != nil { return true }
        do {
            return redacted(try JSON(parsing: delivered), names: true) != nil
        } catch {
            // What is no document was looked at as it was sent.
            return false
        }
    }

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

    /// Looks for what reads the same, and then for the same letters wherever they stand: those that a
    /// mark or an invisible joiner follows are another character, and nobody reads them as one.
    private static func replace(_ needle: String, in text: String, asWords: Bool) -> String {
        let alike = replace(needle, in: text, asWords, .caseInsensitive)
        return replace(needle, in: alike, asWords, [.caseInsensitive, .literal])
    }

    private static func replace(
        _ needle: String,
        in text: String,
        _ asWords: Bool,
        _ options: String.CompareOptions
    ) -> String {
        // By scalars throughout, because what is found may end inside a character.
        let scalars = text.unicodeScalars
        var result = String.UnicodeScalarView()
        var start = text.startIndex
        while let range = text.range(of: needle, options: options, range: start..<text.endIndex),
            !range.isEmpty
        {
            result.append(contentsOf: scalars[start..<range.lowerBound])
            let isWhole =
                !asWords
                || (!isLetter(scalars[..<range.lowerBound].last { !isMark($0) })
                    && !isLetter(scalars[range.upperBound...].first { !isMark($0) }))
            if isWhole {
                result.append(contentsOf: Tombstone.text.unicodeScalars)
                start = range.upperBound
            } else {
                result.append(scalars[range.lowerBound])
                start = scalars.index(after: range.lowerBound)
            }
        }
        result.append(contentsOf: scalars[start...])
        return String(result)
    }

    private static func isLetter(_ scalar: Unicode.Scalar?) -> Bool {
        scalar.map { $0.properties.isAlphabetic || $0.properties.numericType != nil } ?? false
    }

    /// What belongs to the letter before it, or joins it to the next.
    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .format: true
        default: false
        }
    }

    /// Whatever looks like an address, in any writing, and in Latin letters between any others.
    private static func addresses(in text: String) -> Set<String> {
        guard text.utf8.contains(UInt8(ascii: "@")) else { return [] }
        let signs = "._%+-@".unicodeScalars
        let anywhere = text.unicodeScalars.split {
            !isLetter($0) && !isMark($0) && !signs.contains($0)
        }
        let latin = anywhere.flatMap { part in part.split { !$0.isASCII } }
        return Set(
            (anywhere + latin)
                .filter { $0.contains("@") && $0.count <= 320 }
                .map { String($0).trimmingCharacters(in: CharacterSet(charactersIn: ".-%+")) }
        )
    }
}
