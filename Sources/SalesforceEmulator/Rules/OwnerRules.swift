/// Who may own a record: an active user, and for leads also a queue.
enum OwnerRules {
    /// Fails if the owner given is inactive, or a group that is no queue.
    static func check(_ change: RecordChange, in session: Session) throws {
        guard change.changes("OwnerId"), let owner = change.text("OwnerId"),
            let type = session.schema.object(ofID: owner),
            let row = try session.row(type, id: owner)
        else { return }
        if type.name == "User", !row.flag("IsActive") {
            throw APIError(
                400,
                "INACTIVE_OWNER_OR_USER",
                """
                operation performed with inactive user [\(owner)] as owner of \
                \(change.object.label.lowercased())
                """,
                fields: []
            )
        }
        if type.name == "Group", row.text("Type") != "Queue" {
            throw APIError(
                400,
                "INVALID_CROSS_REFERENCE_KEY",
                "invalid cross reference id",
                fields: ["OwnerId"]
            )
        }
    }
}
