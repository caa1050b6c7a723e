import Journal
import Ledger
import TestSupport
import Testing

@Suite("Schemas/ledger.sql")
struct LedgerSchemaTests {
    let temporary: TemporaryJournal

    init() throws { temporary = try TemporaryJournal() }

    @Test("is the schema of a ledger after all migrations")
    func ledger() async throws {
        let heading = """
            -- The tables, indexes and triggers of a ledger after all migrations.
            -- Written by: DAYBOOK_UPDATE_SCHEMAS=1 tools/test --filter SchemaTests


            """
        let sql = try await temporary.journal.ledger.schemaSQL()
        try SchemaFolder.expect("ledger.sql", toHold: heading + sql)
    }
}
