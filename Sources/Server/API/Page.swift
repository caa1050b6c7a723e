import Domain
import Hummingbird

/// Which part of a list is asked for: `?limit=50&cursor=…`.
///
/// A cursor is a place in the ledger and not a number of rows to pass over, so that pages neither
/// repeat nor miss a row when something new comes in between.
struct Page: Hashable, Sendable {
    /// The most rows of a page.
    static let most = 200

    let limit: Int
    let cursor: String?

    /// The first page of a list.
    init(limit: Int) { (self.limit, cursor) = (limit, nil) }

    /// Reads the query of a request.
    ///
    /// - Throws: ``Problem`` for a limit that is no number from 1 to ``most``.
    init(_ request: Request, usual: Int = 50) throws(Problem) {
        cursor = request.uri.queryParameters["cursor"].map(String.init)
        guard let text = request.uri.queryParameters["limit"] else {
            limit = usual
            return
        }
        guard let number = Int(text), (1...Self.most).contains(number) else {
            throw .parameter("limit", "a number from 1 to \(Self.most)")
        }
        limit = number
    }

    /// The cursor as a place in the ledger.
    ///
    /// - Throws: ``Problem`` for a cursor that this server did not give out.
    func position() throws(Problem) -> LedgerPosition? {
        guard let cursor else { return nil }
        guard let number = Int64(cursor), number >= 0 else {
            throw .parameter("cursor", "the 'next' of the page before")
        }
        return LedgerPosition(number)
    }

    /// A page as JSON: the items, and the cursor of the next page if there may be one.
    func json(_ items: [JSON], next: String?) -> JSON {
        .compact([
            ("items", .array(items)),
            ("next", items.count == limit ? next.map(JSON.string) : nil),
        ])
    }
}

/// The parameters of a request's query.
struct QueryReader {
    private let request: Request
    private let isForm: Bool

    /// Reads a query.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - isForm: Whether it came from a form, which sends what was left empty, too.
    init(_ request: Request, isForm: Bool = false) {
        (self.request, self.isForm) = (request, isForm)
    }

    /// A parameter; nil for one that is not there.
    subscript(name: String) -> String? {
        request.uri.queryParameters[name[...]].flatMap { text in
            isForm && text.isEmpty ? nil : String(text)
        }
    }
}
