import GRDB

/// Applies the stand-ins for flows and validation rules.
enum AutomationRules {
    /// Fails if a rule refuses the record.
    static func reject(_ change: RecordChange, in session: Session) throws {
        for rule in matching(change, in: session) {
            guard let rejection = rule.rejection else { continue }
            throw APIError(
                400,
                rejection["errorCode"]?.text ?? "FIELD_CUSTOM_VALIDATION_EXCEPTION",
                rejection["message"]?.text ?? "A validation rule refused the record.",
                fields: rejection["field"]?.text.map { [$0] } ?? []
            )
        }
    }

    /// Sets the fields that rules set, as a flow does before saving.
    ///
    /// A value that does not fit its field is left out, as a faulty flow would be noticed
    /// when it is set up.
    static func adjust(_ change: inout RecordChange, in session: Session) {
        for rule in matching(change, in: session) {
            for member in rule.changes.members {
                guard let field = change.object.field(member.key), !field.isComputed else {
                    continue
                }
                do {
                    change.given[field.name] = try FieldValue.stored(member.value, for: field)
                } catch {
                    continue
                }
            }
        }
    }

    private static func matching(_ change: RecordChange, in session: Session) -> [Automation] {
        session.settings.automation.filter { rule in
            rule.concerns(change.object, isCreate: change.isCreate)
                && rule.condition.members.allSatisfy { member in
                    guard let field = change.object.field(member.key) else { return false }
                    let value = FieldValue.json(change.value(field.name), type: field.type)
                    return value == member.value
                }
        }
    }
}
