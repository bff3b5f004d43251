-- ToolGate schema, version 2, for SQLite 3.37 and newer: checkpoints, history of decisions, journal (off until it is
-- switched on) and counters for the health view.
--
-- By hand, all or nothing:
--
--     sqlite3 -bail store.db 'BEGIN IMMEDIATE' '.read V2__history_and_journal.sql' 'COMMIT'
--
-- The same tables and rules as the PostgreSQL script of the same name, with the differences of version 1: uuid is 16
-- bytes in a BLOB, times are INTEGER milliseconds since 1970-01-01 UTC. Creates new tables only: tg_idempotency is not
-- changed, and libraries made for version 1 keep working beside newer ones. In a file that is already at version 2
-- every statement here fails or changes nothing.


-- Checkpoints: the latest value of each name that an attempt stored for later attempts. life and
-- record_created_at name the life of the key that a checkpoint belongs to; those of an earlier one are ignored.
CREATE TABLE tg_idempotency_checkpoint (
    record_id         BLOB    NOT NULL,
    name              TEXT    COLLATE BINARY NOT NULL,
    codec             TEXT    COLLATE BINARY NOT NULL,
    data              BLOB,
    fence             INTEGER NOT NULL,
    version           INTEGER NOT NULL,
    record_created_at INTEGER NOT NULL,
    written_at        INTEGER NOT NULL,
    life              INTEGER NOT NULL,

    CONSTRAINT tg_idempotency_checkpoint_pkey PRIMARY KEY (record_id, name),
    CONSTRAINT tg_idempotency_checkpoint_name_length CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 255),
    CONSTRAINT tg_idempotency_checkpoint_codec_length CHECK (length(CAST(codec AS BLOB)) BETWEEN 1 AND 255),
    CONSTRAINT tg_idempotency_checkpoint_fence_positive CHECK (fence >= 1 AND version >= fence)
) STRICT;


-- Decisions of operators and programs, and each record as it stood before: finished records that were retired, records
-- in doubt that were resolved, completed records whose missing result was supplied. Written in the commit that carries
-- the decision out.
CREATE TABLE tg_idempotency_history (
    record_id       BLOB    NOT NULL,
    version         INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    decision        TEXT    COLLATE BINARY NOT NULL,
    operator        TEXT    COLLATE BINARY NOT NULL,
    reason          TEXT    COLLATE BINARY NOT NULL,
    decided_at      INTEGER NOT NULL,
    forget_at       INTEGER NOT NULL,
    tenant          TEXT    COLLATE BINARY NOT NULL,
    action          TEXT    COLLATE BINARY NOT NULL,
    idempotency_key TEXT    COLLATE BINARY NOT NULL,
    status          TEXT    COLLATE BINARY NOT NULL,
    fence           INTEGER NOT NULL,
    claim_token     BLOB    NOT NULL,
    owner           TEXT    COLLATE BINARY NOT NULL,
    lease_until     INTEGER NOT NULL,
    fingerprint     BLOB    NOT NULL,
    result          BLOB,
    result_codec    TEXT    COLLATE BINARY,
    failure_code    TEXT    COLLATE BINARY,
    failure_message TEXT    COLLATE BINARY,
    updated_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    life            INTEGER NOT NULL,
    attempt         INTEGER NOT NULL,
    refusals        INTEGER NOT NULL,
    provider_key_number INTEGER NOT NULL,
    stores_rows     INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT tg_idempotency_history_pkey PRIMARY KEY (record_id, version, created_at),
    CONSTRAINT tg_idempotency_history_decision_known CHECK (decision IN ('RETIRED', 'COMPLETED', 'REJECTED', 'RETRY')),
    CONSTRAINT tg_idempotency_history_operator_length CHECK (length(CAST(operator AS BLOB)) BETWEEN 1 AND 255),
    CONSTRAINT tg_idempotency_history_reason_length CHECK (length(CAST(reason AS BLOB)) BETWEEN 1 AND 4000)
) STRICT;

-- For the purge.
CREATE INDEX tg_idempotency_history_forget_at ON tg_idempotency_history (forget_at);


-- The journal: one row per transition, written by a trigger in the transition's own commit. journal_on.sql creates
-- that trigger; without it this table is empty and costs nothing. Append-only: the library never changes or deletes a
-- row. previous_lease_until is the end of the lease before this transition, with any renewals. from_status is NULL for
-- the first claim of a key.
CREATE TABLE tg_idempotency_journal (
    entry                INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    record_id            BLOB    NOT NULL,
    at                   INTEGER NOT NULL,
    fence                INTEGER NOT NULL,
    version              INTEGER NOT NULL,
    from_status          TEXT    COLLATE BINARY,
    to_status            TEXT    COLLATE BINARY NOT NULL,
    owner                TEXT    COLLATE BINARY NOT NULL,
    lease_until          INTEGER,
    previous_lease_until INTEGER,
    failure_code         TEXT    COLLATE BINARY,
    failure_message      TEXT    COLLATE BINARY,
    checkpoint           TEXT    COLLATE BINARY,
    decision             TEXT    COLLATE BINARY,
    operator             TEXT    COLLATE BINARY,
    reason               TEXT    COLLATE BINARY
) STRICT;

-- For reading the entries of one key.
CREATE INDEX tg_idempotency_journal_record_id ON tg_idempotency_journal (record_id, entry);


-- Counters of outcomes, and of late heartbeats, by action and hour, which the services add to every few seconds. For
-- the health view only.
CREATE TABLE tg_idempotency_counts (
    action          TEXT    COLLATE BINARY NOT NULL,
    hour            INTEGER NOT NULL,
    executed        INTEGER NOT NULL DEFAULT 0,
    replayed        INTEGER NOT NULL DEFAULT 0,
    recovered       INTEGER NOT NULL DEFAULT 0,
    rejected        INTEGER NOT NULL DEFAULT 0,
    released        INTEGER NOT NULL DEFAULT 0,
    doubted         INTEGER NOT NULL DEFAULT 0,
    conflicts       INTEGER NOT NULL DEFAULT 0,
    late_heartbeats INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT tg_idempotency_counts_pkey PRIMARY KEY (action, hour)
) STRICT;


-- Last on purpose: this row tells the library that the upgrade is complete.
UPDATE tg_store_info SET schema_version = 2 WHERE schema_version = 1;
