import GRDB

/// The tables of the ledger proper.
///
/// `Schemas/ledger.sql` shows them after all migrations.
enum LedgerSchema {
    /// The migrations in order.
    ///
    /// A released one is never changed: add another.
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("ledger-1") { db in try db.execute(sql: version1) }
        migrator.registerMigration("ledger-2-erasure") { db in try db.execute(sql: erasure) }
        migrator.registerMigration("ledger-3-type-index") { db in
            try db.execute(sql: typeIndex)
        }
    }

    /// An index ends with the number of the row, which is the position: it was there twice, and of
    /// the two only one can be read.
    private static let typeIndex = """
        DROP INDEX eventByType;
        CREATE INDEX eventByType ON event (type);
        """

    private static let erasure = """
        CREATE TABLE cosignature (
            size INTEGER NOT NULL REFERENCES checkpoint (size),
            line TEXT NOT NULL,                  -- the signature line of a witness
            PRIMARY KEY (size, line)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE erasure (
            subject  TEXT PRIMARY KEY,
            blind    BLOB,                       -- as in 'subjectIndex': tells the person again
            position INTEGER REFERENCES event (position)
            -- of 'person.erased'; NULL while the file is an older copy that still has to follow
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX erasureByBlind ON erasure (blind);

        CREATE TABLE erasedPart (
            position INTEGER NOT NULL,
            part     TEXT NOT NULL,
            fence    INTEGER NOT NULL REFERENCES event (position),
            PRIMARY KEY (position, part)
        ) STRICT, WITHOUT ROWID;

        DROP TRIGGER sealedNoDelete;
        CREATE TRIGGER sealedNoDelete BEFORE DELETE ON sealed
        WHEN NOT EXISTS (SELECT 1 FROM erasedPart
                         WHERE position = OLD.position AND part = OLD.part)
        BEGIN SELECT RAISE(ABORT, 'sealed parts go only with their person'); END;
        CREATE TRIGGER subjectKeyNoDelete BEFORE DELETE ON subjectKey
        WHEN NOT EXISTS (SELECT 1 FROM erasure
                         WHERE subject = OLD.subject AND position IS NOT NULL)
        BEGIN SELECT RAISE(ABORT, 'keys go only with their person'); END;
        CREATE TRIGGER subjectKeyNoReturn BEFORE INSERT ON subjectKey
        WHEN EXISTS (SELECT 1 FROM erasure WHERE subject = NEW.subject)
        BEGIN SELECT RAISE(ABORT, 'the person was erased'); END;
        CREATE TRIGGER erasureNoUpdate BEFORE UPDATE ON erasure
        WHEN OLD.position IS NOT NULL OR NEW.position IS NULL OR NEW.subject <> OLD.subject
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER erasureNoDelete BEFORE DELETE ON erasure
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER erasureNoReplace BEFORE INSERT ON erasure
        WHEN EXISTS (SELECT 1 FROM erasure WHERE subject = NEW.subject)
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER erasedPartNoUpdate BEFORE UPDATE ON erasedPart
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER erasedPartNoDelete BEFORE DELETE ON erasedPart
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER cosignatureNoUpdate BEFORE UPDATE ON cosignature
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER cosignatureNoDelete BEFORE DELETE ON cosignature
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        """

    private static let version1 = """
        CREATE TABLE ledger (
            id       INTEGER PRIMARY KEY CHECK (id = 1),
            origin   TEXT NOT NULL,              -- the name of this log in checkpoints
            keyCheck BLOB NOT NULL,              -- tells whether a key belongs to this file
            position INTEGER NOT NULL            -- the last position; 0 while empty
        ) STRICT;

        CREATE TABLE stream (
            id       INTEGER PRIMARY KEY,        -- text names would halve the insert rate
            name     TEXT NOT NULL UNIQUE,
            revision INTEGER NOT NULL            -- of its last event
        ) STRICT;

        CREATE TABLE eventType (
            id   INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE event (
            position INTEGER PRIMARY KEY,        -- 1, 2, 3, … without gaps
            eventID  BLOB NOT NULL UNIQUE,       -- UUID version 7
            stream   INTEGER NOT NULL REFERENCES stream (id),
            revision INTEGER NOT NULL,           -- 1, 2, 3, … in the stream
            type     INTEGER NOT NULL REFERENCES eventType (id),
            occurred INTEGER NOT NULL,           -- milliseconds since 1970, UTC
            recorded INTEGER NOT NULL,           -- milliseconds since 1970, UTC
            leaf     BLOB NOT NULL,              -- the bytes that are hashed; see 'Leaf'
            UNIQUE (stream, revision)
        ) STRICT;

        CREATE INDEX eventByType ON event (type, position);

        CREATE TABLE node (
            number INTEGER PRIMARY KEY,          -- StoredHashIndex of Go's sumdb/tlog
            hash   BLOB NOT NULL                 -- RFC 6962
        ) STRICT;

        CREATE TABLE sealed (
            position   INTEGER NOT NULL REFERENCES event (position),
            part       TEXT NOT NULL,
            nonce      BLOB NOT NULL,
            ciphertext BLOB NOT NULL,            -- AES-256-GCM, tag at the end
            PRIMARY KEY (position, part)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE subjectKey (
            subject  TEXT NOT NULL,
            revision INTEGER NOT NULL,
            wrapped  BLOB NOT NULL,              -- the key, sealed with the ledger's key
            PRIMARY KEY (subject, revision)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE subjectIndex (
            blind   BLOB PRIMARY KEY,            -- HMAC of the normalised e-mail address
            subject TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE checkpoint (
            size    INTEGER PRIMARY KEY,
            note    TEXT NOT NULL,               -- C2SP tlog-checkpoint with signatures
            created INTEGER NOT NULL             -- milliseconds since 1970, UTC
        ) STRICT;

        CREATE TABLE cursor (
            name     TEXT PRIMARY KEY,
            position INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- The ledger is append-only, whoever opens the file.
        CREATE TRIGGER eventNoUpdate BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER eventNoDelete BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER nodeNoUpdate BEFORE UPDATE ON node
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER nodeNoDelete BEFORE DELETE ON node
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER checkpointNoUpdate BEFORE UPDATE ON checkpoint
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER checkpointNoDelete BEFORE DELETE ON checkpoint
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER sealedNoUpdate BEFORE UPDATE ON sealed
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER sealedNoDelete BEFORE DELETE ON sealed
        BEGIN SELECT RAISE(ABORT, 'sealed parts go only with their person'); END;

        -- REPLACE deletes without firing delete triggers:
        -- https://www.sqlite.org/lang_conflict.html
        CREATE TRIGGER eventNoReplace BEFORE INSERT ON event
        WHEN EXISTS (SELECT 1 FROM event WHERE position = NEW.position)
            OR EXISTS (SELECT 1 FROM event WHERE eventID = NEW.eventID)
            OR EXISTS (SELECT 1 FROM event
                       WHERE stream = NEW.stream AND revision = NEW.revision)
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER nodeNoReplace BEFORE INSERT ON node
        WHEN EXISTS (SELECT 1 FROM node WHERE number = NEW.number)
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER checkpointNoReplace BEFORE INSERT ON checkpoint
        WHEN EXISTS (SELECT 1 FROM checkpoint WHERE size = NEW.size)
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER sealedNoReplace BEFORE INSERT ON sealed
        WHEN EXISTS (SELECT 1 FROM sealed
                     WHERE position = NEW.position AND part = NEW.part)
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        """
}
