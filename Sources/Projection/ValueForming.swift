import Domain
import Foundation

/// What a value may be formed from.
struct FormingContext {
    /// The booking as the asserting fact shows it, completed by what was known before.
    var booking: Booking
    /// When the booking was made.
    var created: Instant?
    /// When it was cancelled, for a cancellation.
    var cancelled: Instant?
    /// The cancellation, for a cancellation.
    var cancellation: Cancellation?
    /// The attendee whose record is written; the booker for the event record.
    var attendee: Party?
    /// The answers to the routing form that led to the booking.
    var formAnswers: [String: Answer]
    /// The settings in force, as they were read.
    var reading: SettingsReading
}

extension FormingContext {
    /// The settings in force.
    var settings: SyncSettings { reading.settings }

    /// Where the booker is, as far as the answers tell.
    var bookerPlace: BookerPlace {
        BookerPlace(settings.accounts.bookerPlace) { question in
            (formAnswers[question] ?? booking.answers[question])?.text
        }
    }

    /// How the attendee's account is looked up; nil without an address.
    var accountLookUp: AccountLookUp? { attendee?.email.map(accountLookUp) }

    func accountLookUp(of email: EmailAddress) -> AccountLookUp {
        AccountLookUp(
            email,
            matching: settings.accounts,
            onAmbiguous: settings.onAmbiguous,
            place: bookerPlace
        )
    }
}

/// A value that could be formed, or why not.
enum FormedValue: Equatable {
    case value(WishedValue, isPersonal: Bool)
    case held(Reason, detail: String)
}

/// Forms the values of rules.
///
/// Pure: dates come from the event, never from the clock.
enum ValueForming {
    static func form(_ prepared: PreparedRule, _ context: FormingContext) -> FormedValue {
        let rule = prepared.rule
        switch rule.value {
        case .flag(let flag):
            return .value(.value(.flag(flag)), isPersonal: false)
        case .bookingStartDate:
            return date(context.booking.slot?.start, "booking_start_date", rule, context)
        case .bookingCreatedDate:
            return date(context.created, "booking_created_date", rule, context)
        case .bookingCancelDate:
            return date(context.cancelled, "booking_cancel_date", rule, context)
        case .bookingOrganizer:
            guard let organizer = context.booking.organizer?.email else {
                return .held(.noActiveUser, detail: "the booking names no organizer")
            }
            return .value(.user(organizer), isPersonal: false)
        case .matchedAccount:
            guard let email = context.attendee?.email else {
                return .held(.noAccount, detail: "the attendee has no address")
            }
            return .value(.account(context.accountLookUp(of: email)), isPersonal: false)
        case .template:
            return text(prepared.pieces, rule, context)
        }
    }

    private static func date(
        _ instant: Instant?,
        _ name: String,
        _ rule: FieldRule,
        _ context: FormingContext
    ) -> FormedValue {
        guard let instant else { return .held(.noDate, detail: name) }
        switch rule.type {
        case .date:
            if context.booking.organizer?.isErased == true, context.settings.dateTimeZone == nil {
                return .held(.noDate, detail: "\(name): the organizer was erased")
            }
            let day = CalendarDate(instant, in: zone(context))
            return .value(.value(.date(day)), isPersonal: false)
        case .datetime:
            return .value(.value(.instant(instant.wholeSeconds)), isPersonal: false)
        case .text, .textarea, .custom, .phone, .picklist:
            return .value(.value(.text(instant.rfc3339Seconds)), isPersonal: false)
        case .checkbox, .multipicklist, .userLookup, .accountLookup:
            return .held(.typeMismatch, detail: "a date for a \(rule.type.rawValue) field")
        }
    }

    /// The zone in which a moment becomes a day: the settings', else the organizer's, else UTC.
    private static func zone(_ context: FormingContext) -> TimeZone {
        let names = [context.settings.dateTimeZone, context.booking.organizer?.timeZone]
        return names.compactMap { $0 }.lazy.compactMap { TimeZone(identifier: $0) }.first ?? .gmt
    }

    private static func text(
        _ pieces: [Template.Piece],
        _ rule: FieldRule,
        _ context: FormingContext
    ) -> FormedValue {
        let isPersonal = pieces.contains { $0.isToken }
        if case .token(let name)? = pieces.first, pieces.count == 1 {
            guard let answer = Tokens.answer(name, context) else {
                return .held(.unanswered, detail: name)
            }
            return typed(answer, rule, isPersonal: isPersonal)
        }
        var formed = ""
        for piece in pieces {
            switch piece {
            case .text(let text): formed += text
            case .token(let name):
                guard let answer = Tokens.answer(name, context) else {
                    return .held(.unanswered, detail: name)
                }
                formed += answer.text
            }
        }
        return typed(.text(formed), rule, isPersonal: isPersonal)
    }

    /// Gives an answer the form that the type of the field asks for.
    private static func typed(
        _ answer: Answer,
        _ rule: FieldRule,
        isPersonal: Bool
    ) -> FormedValue {
        let value: FieldValue
        switch rule.type {
        case .checkbox:
            guard let flag = flag(answer) else {
                return .held(.notABoolean, detail: "the value is neither true nor false")
            }
            value = .flag(flag)
        case .date:
            guard let day = CalendarDate(iso8601: String(answer.text.prefix(10))) else {
                return .held(.typeMismatch, detail: "text for a date")
            }
            value = .date(day)
        case .datetime:
            guard let instant = Instant(rfc3339: answer.text) else {
                return .held(.typeMismatch, detail: "text for a date and time")
            }
            value = .instant(instant.wholeSeconds)
        case .multipicklist:
            value = .choices(choices(answer))
        case .text, .phone, .picklist, .textarea, .custom:
            value = .text(answer.text)
        case .userLookup, .accountLookup:
            return .held(.typeMismatch, detail: "text for a look-up")
        }
        return value.isEmpty
            ? .held(.unanswered, detail: "the value is empty")
            : .value(.value(value), isPersonal: isPersonal)
    }

    private static func flag(_ answer: Answer) -> Bool? {
        if case .flag(let flag) = answer { return flag }
        switch answer.text.trimmingWhitespace().lowercased() {
        case "true", "yes", "y", "1", "on": return true
        case "false", "no", "n", "0", "off": return false
        default: return nil
        }
    }

    private static func choices(_ answer: Answer) -> [String] {
        if case .list(let elements) = answer { return elements.filter { !$0.isEmpty } }
        return answer.text.split(separator: ";").map { $0.trimmingWhitespace() }
            .filter { !$0.isEmpty }
    }
}

/// A text with tokens in braces.
enum Template {
    enum Piece: Equatable {
        case text(String)
        case token(String)

        var isToken: Bool {
            if case .token = self { true } else { false }
        }
    }

    /// Takes a template apart.
    ///
    /// A brace without its partner, and `{}`, are text.
    static func pieces(of template: String) -> [Piece] {
        var pieces: [Piece] = []
        var text = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            let inside = rest[rest.index(after: open)...]
            guard let close = inside.firstIndex(where: { $0 == "}" || $0 == "{" }),
                inside[close] == "}", close > inside.startIndex
            else {
                text += rest[...open]
                rest = inside
                continue
            }
            text += rest[..<open]
            if !text.isEmpty { pieces.append(.text(text)) }
            text = ""
            pieces.append(.token(inside[..<close].trimmingWhitespace()))
            rest = inside[inside.index(after: close)...]
        }
        text += rest
        if !text.isEmpty || pieces.isEmpty { pieces.append(.text(text)) }
        return pieces
    }
}

/// The tokens of templates.
enum Tokens {
    /// What a token stands for, or nil if nothing was given.
    static func answer(_ name: String, _ context: FormingContext) -> Answer? {
        let found: Answer?
        if name.hasPrefix("form:") {
            found = context.formAnswers[String(name.dropFirst(5))]
        } else if name.hasPrefix("utm:") {
            found = context.booking.metadata["utm_\(name.dropFirst(4))"].map(Answer.text)
        } else {
            found = named(name, context).map(Answer.text) ?? context.booking.answers[name]
        }
        guard let found, !found.text.trimmingWhitespace().isEmpty else { return nil }
        return found
    }

    private static func named(_ name: String, _ context: FormingContext) -> String? {
        let booking = context.booking
        switch name {
        case "booking_uid":
            return AppointmentID(root: booking.uid).isForms ? nil : booking.uid.rawValue
        case "booking_title": return booking.title
        case "booking_start_date": return booking.slot?.start.rfc3339Seconds
        case "booking_created_date": return context.created?.rfc3339Seconds
        case "booking_cancel_date": return context.cancelled?.rfc3339Seconds
        case "event_type": return booking.eventTypeSlug
        case "organizer_email": return booking.organizer?.email?.rawValue
        case "organizer_name": return booking.organizer?.name
        case "organizer_user_id": return booking.organizer?.userID.map(String.init)
        case "attendee_email": return context.attendee?.email?.rawValue
        case "attendee_name": return context.attendee?.name
        case "attendee_phone": return context.attendee?.phone
        case "attendee_time_zone": return context.attendee?.timeZone
        case "assignmentReason", "assignment_reason": return booking.assignmentReason
        case "cancellation_reason": return context.cancellation?.reason
        case "cancelled_by": return context.cancellation?.cancelledBy?.rawValue
        case "meeting_location": return Wording.location(of: booking)
        default: return nil
        }
    }
}
