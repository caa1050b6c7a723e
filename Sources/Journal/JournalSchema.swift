import GRDB

/// The tables that are kept in step with the events: read models, claims, runs, raw deliveries.
///
/// None of them holds personal data in the clear. Values are kept as keyed digests, which is all
/// that comparing needs; the values themselves are in the sealed parts of the ledger.
enum JournalSchema {
    /// The migrations in order.
    ///
    /// A released one is never changed: add another.
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("journal-1") { db in try db.execute(sql: version1) }
        migrator.registerMigration("journal-2-refusals") { db in try db.execute(sql: refusals) }
        migrator.registerMigration("journal-3-bulk-rows") { db in try db.execute(sql: bulkRows) }
        migrator.registerMigration("journal-4-tokens") { db in try db.execute(sql: tokens) }
        migrator.registerMigration("journal-5-failures") { db in try db.execute(sql: failures) }
        migrator.registerMigration("journal-6-sources") { db in try db.execute(sql: sources) }
        migrator.registerMigration("journal-7-kept-plans") { db in try db.execute(sql: keptPlans) }
        migrator.registerMigration("journal-8-form-links") { db in try db.execute(sql: formLinks) }
    }

    /// What routing forms found stands under a name of its own, and says nothing of bookings.
    ///
    /// Whoever has bookings keeps the record that those use by now, also if a form had found it.
    private static let formLinks = """
        CREATE TEMPORARY TABLE formSubject (
            subject TEXT PRIMARY KEY,           -- as it was
            name    TEXT NOT NULL               -- as it is from now on
        ) STRICT, WITHOUT ROWID;
        WITH person (person) AS (
            SELECT person FROM participation GROUP BY person HAVING min(uid GLOB 'form/*') = 1
        ), way (way) AS (VALUES ('contact'), ('lead'), ('contactUnderAccount'))
        INSERT INTO formSubject (subject, name)
            SELECT 'person/' || person || '/' || way, 'person/' || person || '/form'
            FROM person JOIN way;

        INSERT INTO recordLink (subject, object, record, isOurs, state, position)
            SELECT name, object, record, isOurs, state, position
            FROM recordLink JOIN formSubject USING (subject) WHERE true
            ORDER BY state = 'live' DESC, position DESC
            ON CONFLICT DO NOTHING;
        DELETE FROM recordLink WHERE subject IN (SELECT subject FROM formSubject);

        UPDATE OR REPLACE failure SET operation = name || substr(operation, length(subject) + 1)
            FROM formSubject
            WHERE subject = substr(operation, 1, instr(operation || '#', '#') - 1);

        DROP TABLE formSubject;
        """

    private static let sources = """
        CREATE TABLE sourceMark (
            source  TEXT PRIMARY KEY,           -- what is polled, for example 'calcom'
            mark    INTEGER NOT NULL,           -- all that changed before was compared
            polled  INTEGER NOT NULL,           -- the last try, milliseconds since 1970, UTC
            ahead   INTEGER,                    -- when all that lies ahead was last compared
            read    INTEGER NOT NULL,           -- bookings compared by the last try
            found   INTEGER NOT NULL,           -- those among them that told something new
            problem TEXT                        -- what stopped the last try; NULL: nothing
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE heartbeat (
            id      INTEGER PRIMARY KEY CHECK (id = 1),
            written INTEGER NOT NULL            -- the last try to write, milliseconds since 1970, UTC
        ) STRICT;
        """

    private static let keptPlans = """
        CREATE TABLE keptPlan (
            number   INTEGER PRIMARY KEY,       -- in the order in which they were made
            id       TEXT NOT NULL UNIQUE,      -- the seal of the document
            created  INTEGER NOT NULL,          -- milliseconds since 1970, UTC
            expires  INTEGER NOT NULL,
            state    TEXT NOT NULL,             -- see 'KeptPlan.State'
            version  INTEGER NOT NULL,          -- 1, 2, 3, …: rises with the state
            maker    TEXT NOT NULL,
            approver TEXT,
            run      TEXT,                      -- the run that carried it out
            document TEXT NOT NULL              -- JSON without personal data
        ) STRICT;

        CREATE TABLE keptAnswer (
            key     BLOB PRIMARY KEY,           -- keyed digest of who asked and the key they gave
            request BLOB NOT NULL,              -- keyed digest of what was asked
            expires INTEGER NOT NULL,           -- milliseconds since 1970, UTC
            answer  TEXT                        -- JSON without personal data; NULL while under way
        ) STRICT, WITHOUT ROWID;
        """

    private static let tokens = """
        CREATE TABLE apiToken (
            id      TEXT PRIMARY KEY,
            name    TEXT NOT NULL,              -- what it is for
            role    TEXT NOT NULL,              -- see 'Role'
            hash    BLOB NOT NULL UNIQUE,       -- SHA-256 of the secret
            created INTEGER NOT NULL,           -- milliseconds since 1970, UTC
            expires INTEGER NOT NULL,
            revoked INTEGER NOT NULL            -- 1 when it was taken back
        ) STRICT, WITHOUT ROWID;
        """

    private static let failures = """
        ALTER TABLE failure RENAME TO failureBefore;

        CREATE TABLE failure (
            operation  TEXT PRIMARY KEY,        -- with '#<field>' for a field that was left out
            root       TEXT NOT NULL,           -- the appointment that waits
            object     TEXT NOT NULL,
            record     TEXT,
            code       TEXT NOT NULL,
            fields     TEXT NOT NULL,           -- comma separated
            candidates TEXT NOT NULL,           -- ids to choose from, comma separated
            attempts   INTEGER NOT NULL,
            since      INTEGER NOT NULL,        -- the first attempt, milliseconds since 1970, UTC
            tried      INTEGER NOT NULL,        -- the last attempt
            nextTry    INTEGER,                 -- milliseconds since 1970, UTC; NULL: when something changed
            isIgnored  INTEGER NOT NULL,        -- 1 if an operator said to leave it alone
            digest     BLOB NOT NULL,           -- of what was tried
            basis      BLOB NOT NULL,           -- of the settings and the object's description then
            position   INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        INSERT INTO failure
            SELECT operation, root, object, NULL, code, fields, '', attempts, 0, 0, nextTry, 0,
                digest, x'', position
            FROM failureBefore;
        DROP TABLE failureBefore;

        CREATE TABLE allowance (
            id          INTEGER PRIMARY KEY CHECK (id = 1),
            used        INTEGER,                -- API calls of the last 24 hours, as the org told
            allowed     INTEGER,
            observed    INTEGER NOT NULL,       -- milliseconds since 1970, UTC
            pausedUntil INTEGER,                -- the org is left alone until then
            pauses      INTEGER NOT NULL        -- how often in a row
        ) STRICT;
        """

    private static let refusals = """
        CREATE INDEX deliveryByVerdict ON delivery (verdict);

        CREATE TABLE refusal (
            source TEXT PRIMARY KEY,            -- as in 'delivery'
            count  INTEGER NOT NULL             -- forged deliveries that were counted and not kept
        ) STRICT, WITHOUT ROWID;
        """

    private static let version1 = """
        CREATE TABLE delivery (
            id       INTEGER PRIMARY KEY,
            digest   BLOB NOT NULL,             -- SHA-256 of the body
            arrived  INTEGER NOT NULL,          -- milliseconds since 1970, UTC
            source   TEXT NOT NULL,             -- 'webhook' or 'file'
            verdict  TEXT NOT NULL,             -- see 'DeliveryVerdict'
            "trigger" TEXT,                     -- as the delivery names it
            note     TEXT NOT NULL,             -- why it was not taken as a fact
            position INTEGER,                   -- the event it led to, or repeats
            sealed   BLOB                       -- headers and body; NULL for a repeated body
        ) STRICT;
        CREATE INDEX deliveryByDigest ON delivery (digest);
        CREATE INDEX deliveryByArrival ON delivery (arrived);

        CREATE TABLE meaning (
            digest   BLOB PRIMARY KEY,          -- what a fact says, without when it was sent
            position INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE booking (
            uid         TEXT PRIMARY KEY,
            predecessor TEXT,                   -- the uid whose place it took
            root        TEXT NOT NULL,          -- the first known uid of the chain
            series      BLOB,                   -- keyed digest of what a series has in common
            created     INTEGER                 -- when Cal.com made it, as far as known
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX bookingByRoot ON booking (root);
        CREATE INDEX bookingBySeries ON booking (series) WHERE series IS NOT NULL;

        CREATE TABLE fact (
            uid      TEXT NOT NULL,             -- a booking that the fact is about
            position INTEGER NOT NULL,
            kind     TEXT NOT NULL,
            occurred INTEGER NOT NULL,          -- milliseconds since 1970, UTC
            meaning  BLOB NOT NULL,
            PRIMARY KEY (uid, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE seriesCancellation (
            series   BLOB NOT NULL,
            position INTEGER NOT NULL,
            uid      TEXT NOT NULL,             -- the occurrence that was named
            PRIMARY KEY (series, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE participation (
            person TEXT NOT NULL,
            uid    TEXT NOT NULL,
            PRIMARY KEY (person, uid)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX participationByBooking ON participation (uid);

        CREATE TABLE dirty (
            root     TEXT PRIMARY KEY,          -- an appointment newer than its last outcome
            position INTEGER NOT NULL           -- the newest event behind it
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE recordLink (
            subject  TEXT PRIMARY KEY,          -- 'event/<uid>' or 'person/<id>/<policy>'
            object   TEXT NOT NULL,
            record   TEXT NOT NULL,             -- 18-character id
            isOurs   INTEGER NOT NULL,          -- 1 if Daybook made the record
            state    TEXT NOT NULL,             -- 'live', 'deleted' or 'deleted-by-other'
            position INTEGER NOT NULL           -- the event that made the link
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX recordLinkByRecord ON recordLink (record);

        CREATE TABLE claim (
            record     TEXT NOT NULL,
            field      TEXT NOT NULL,
            sent       BLOB,                    -- keyed digest of what we sent; NULL: nothing yet
            seen       BLOB,                    -- keyed digest of what we saw right after
            seenEmpty  INTEGER NOT NULL,
            seenAt     INTEGER,                 -- the last time it was seen so, by the org's clock
            occurred   INTEGER NOT NULL,        -- the assertion that was considered last:
            cause      INTEGER NOT NULL,        --   when it happened, and its position
            recorded   INTEGER NOT NULL,
            outcome    TEXT NOT NULL,           -- reason code of the last outcome
            position   INTEGER NOT NULL,        -- the receipt, or 0 without a write
            PRIMARY KEY (record, field)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE failure (
            operation TEXT PRIMARY KEY,
            root      TEXT NOT NULL,            -- the appointment that waits
            object    TEXT NOT NULL,
            code      TEXT NOT NULL,
            fields    TEXT NOT NULL,            -- comma separated
            attempts  INTEGER NOT NULL,
            nextTry   INTEGER,                  -- milliseconds since 1970, UTC; NULL: when something changed
            digest    BLOB NOT NULL,            -- of what was tried
            position  INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE intent (
            operation TEXT PRIMARY KEY,         -- an intended write without an outcome
            kind      TEXT NOT NULL,            -- 'create', 'update' or 'delete'
            run       TEXT NOT NULL,
            position  INTEGER NOT NULL,
            root      TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE run (
            id       TEXT PRIMARY KEY,
            started  INTEGER NOT NULL,          -- milliseconds since 1970, UTC
            finished INTEGER,
            state    TEXT NOT NULL,             -- 'started', 'finished', 'refused', 'stopped'
            summary  TEXT NOT NULL              -- JSON
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE runPlan (
            run  TEXT NOT NULL,
            part INTEGER NOT NULL,              -- a large run is planned in parts: 1, 2, 3, …
            plan TEXT NOT NULL,                 -- JSON without personal data
            PRIMARY KEY (run, part)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE lease (
            name    TEXT PRIMARY KEY,
            holder  TEXT NOT NULL,
            expires INTEGER NOT NULL            -- milliseconds since 1970, UTC
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE orgObject (
            object   TEXT PRIMARY KEY,
            observed INTEGER NOT NULL,          -- milliseconds since 1970, UTC
            form     TEXT NOT NULL              -- JSON of what describe said
        ) STRICT, WITHOUT ROWID;
        """

    private static let bulkRows = """
        CREATE TABLE bulkRow (
            operation TEXT PRIMARY KEY,         -- an intended write that went into a job
            job       TEXT NOT NULL,            -- the id of the job in Salesforce
            identity  BLOB NOT NULL             -- keyed digest of what its row is known by
        ) STRICT, WITHOUT ROWID;
        """
}
