-- The tables, indexes and triggers of a ledger after all migrations.
-- Written by: DAYBOOK_UPDATE_SCHEMAS=1 tools/test --filter SchemaTests

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

CREATE TABLE erasedPart (
    position INTEGER NOT NULL,
    part     TEXT NOT NULL,
    fence    INTEGER NOT NULL REFERENCES event (position),
    PRIMARY KEY (position, part)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE refusal (
    source TEXT PRIMARY KEY,            -- as in 'delivery'
    count  INTEGER NOT NULL             -- forged deliveries that were counted and not kept
) STRICT, WITHOUT ROWID;

CREATE TABLE bulkRow (
    operation TEXT PRIMARY KEY,         -- an intended write that went into a job
    job       TEXT NOT NULL,            -- the id of the job in Salesforce
    identity  BLOB NOT NULL             -- keyed digest of what its row is known by
) STRICT, WITHOUT ROWID;

CREATE TABLE apiToken (
    id      TEXT PRIMARY KEY,
    name    TEXT NOT NULL,              -- what it is for
    role    TEXT NOT NULL,              -- see 'Role'
    hash    BLOB NOT NULL UNIQUE,       -- SHA-256 of the secret
    created INTEGER NOT NULL,           -- milliseconds since 1970, UTC
    expires INTEGER NOT NULL,
    revoked INTEGER NOT NULL            -- 1 when it was taken back
) STRICT, WITHOUT ROWID;

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

CREATE TABLE allowance (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    used        INTEGER,                -- API calls of the last 24 hours, as the org told
    allowed     INTEGER,
    observed    INTEGER NOT NULL,       -- milliseconds since 1970, UTC
    pausedUntil INTEGER,                -- the org is left alone until then
    pauses      INTEGER NOT NULL        -- how often in a row
) STRICT;

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

CREATE INDEX erasureByBlind ON erasure (blind);

CREATE INDEX eventByType ON event (type);

CREATE INDEX deliveryByDigest ON delivery (digest);

CREATE INDEX deliveryByArrival ON delivery (arrived);

CREATE INDEX bookingByRoot ON booking (root);

CREATE INDEX bookingBySeries ON booking (series) WHERE series IS NOT NULL;

CREATE INDEX participationByBooking ON participation (uid);

CREATE INDEX recordLinkByRecord ON recordLink (record);

CREATE INDEX deliveryByVerdict ON delivery (verdict);

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
