public import Domain

/// The user that we act as.
public struct OrgUser: Hashable, Sendable {
    /// Its id, `005…`.
    public var id: SalesforceID
    /// The name it logs in with.
    public var username: String
    /// The name of its profile, if that can be seen.
    public var profile: String?
}

/// One of the org's allowances.
public struct OrgLimit: Hashable, Sendable {
    /// Its name, for example `DailyApiRequests`.
    public var name: String
    /// How much there is in all.
    public var most: Int
    /// How much is left.
    public var remaining: Int

    /// Creates a limit.
    public init(name: String, most: Int, remaining: Int) {
        (self.name, self.most, self.remaining) = (name, most, remaining)
    }
}

extension SalesforceClient {
    /// Asks which user the token stands for.
    ///
    /// Takes two API calls.
    ///
    /// - Throws: ``SalesforceError``.
    public func currentUser() async throws(SalesforceError) -> OrgUser {
        // The list of resources names the user to everybody, whatever the scopes of the token.
        let resources = try await body(of: Subrequest(method: "GET", url: root, reference: "r"))
        guard
            let id = resources["identity"]?.string?.split(separator: "/").last
                .flatMap({ SalesforceID(String($0)) })
        else { throw .unexpectedAnswer("the org does not tell who we are") }
        let query = Query(
            ["Id", "Username", "Profile.Name"],
            from: "User",
            where: .equals("Id", .reference(id))
        )
        let row = try await read([.query(query)]).first?.rows.first
        return OrgUser(
            id: id,
            username: row?["Username"]?.string ?? "",
            profile: row?["Profile"]?["Name"]?.string
        )
    }

    /// Asks for the org's allowances.
    ///
    /// Salesforce's numbers are up to five minutes old.
    ///
    /// - Returns: The allowances by name; those that hold further ones inside are left out.
    /// - Throws: ``SalesforceError``; ``SalesforceError/forbidden(code:_:)`` if our user may not
    ///   see them, which takes the permission "View Setup and Configuration".
    public func allowances() async throws(SalesforceError) -> [OrgLimit] {
        let list = try await body(
            of: Subrequest(method: "GET", url: "\(root)/limits", reference: "r")
        )
        guard let members = list.members else {
            throw .unexpectedAnswer("the limits are no list of names")
        }
        return members.compactMap { member in
            guard let most = member.value["Max"]?.int, let left = member.value["Remaining"]?.int
            else { return nil }
            return OrgLimit(name: member.name, most: most, remaining: left)
        }.sorted { $0.name < $1.name }
    }

    /// The body of the answer to a question that changes nothing.
    func body(of request: Subrequest) async throws(SalesforceError) -> JSON {
        let answer: Subanswer
        do {
            answer = try await api.answer(to: request, .read)
        } catch {
            throw error.readError
        }
        guard answer.isSuccess else { throw SalesforceError(answer) }
        return answer.body
    }
}
