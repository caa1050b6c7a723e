public import Domain

/// The org that we are connected to.
public struct Organization: Hashable, Sendable {
    /// Its id, `00D…`.
    public var id: SalesforceID
    /// Its name.
    public var name: String
    /// Whether it is a sandbox or scratch org.
    public var isSandbox: Bool
    /// The edition as Salesforce spells it, for example `Developer Edition`.
    public var type: String

    /// Creates an organization.
    public init(id: SalesforceID, name: String, isSandbox: Bool, type: String) {
        (self.id, self.name, self.isSandbox, self.type) = (id, name, isSandbox, type)
    }

    /// The question whose answer ``init(_:)`` reads, so that it can be asked with others.
    public static let question = ReadRequest.query(
        Query(["Id", "Name", "IsSandbox", "OrganizationType"], from: "Organization", where: .all)
    )

    /// Reads the answer to ``question``.
    ///
    /// - Parameter answer: The answer of the gateway.
    /// - Throws: ``SalesforceError/unexpectedAnswer(_:)`` if it shows no organization.
    public init(_ answer: ReadAnswer) throws(SalesforceError) {
        guard let row = answer.rows.first, let id = row["Id"]?.string.flatMap({ SalesforceID($0) })
        else { throw .unexpectedAnswer("the org does not tell its own id") }
        self.init(
            id: id,
            name: row["Name"]?.string ?? "",
            isSandbox: row["IsSandbox"]?.bool ?? false,
            type: row["OrganizationType"]?.string ?? ""
        )
    }
}
