import Domain

/// What an administrator does in the org.
extension EmulatedOrg {
    /// Makes one record of two: the loser goes.
    func merge(_ loser: String, into winner: String) async throws {
        try await expectDone(
            try await control("merge", #"{"winner":"\#(winner)","losers":["\#(loser)"]}"#)
        )
    }

    /// Makes a contact of a lead, and gives the contact's id.
    @discardableResult
    func convert(_ lead: String) async throws -> String {
        let answer = try await control("convert-lead", #"{"leadId":"\#(lead)"}"#)
        guard let contact = answer["contactId"]?.string else { throw Unexpected(answer.text) }
        return contact
    }

    /// Takes a record out of the recycle bin.
    func undelete(_ id: String) async throws {
        try await expectDone(try await control("undelete", #"{"ids":["\#(id)"]}"#))
    }

    /// Takes records away from the integration user's eyes, as if they were removed for good.
    func hide(_ ids: [String]) async throws {
        try await expectDone(try await control("hide", #"{"ids":\#(Self.list(ids))}"#))
    }

    /// Gives records back to the integration user's eyes.
    func show(_ ids: [String]) async throws {
        try await expectDone(try await control("show", #"{"ids":\#(Self.list(ids))}"#))
    }

    private static func list(_ ids: [String]) -> String {
        JSON.array(ids.map(JSON.string)).text
    }

    private func expectDone(_ answer: JSON) async throws {
        guard answer["success"] == .bool(true) else { throw Unexpected(answer.text) }
    }
}
