-- ToolGate's schema, version 1, for SQLite 3.37 and newer (STRICT tables came with 3.37): records, checkpoints, history
-- of decisions, journal (off until it is switched on) and counters for the health view.
--
-- By hand, all or nothing:
--
--     sqlite3 -bail store.db 'BEGIN IMMEDIATE' '.read toolgate_1__schema.sql' 'COMMIT'
--
-- "sqlite3 store.db < toolgate_1__schema.sql" works too. In a file that already holds ToolGate every statement here
-- fails, and nothing changes, either way. SQLite locks the whole file for a write: other writers wait for
-- milliseconds, readers of a WAL file do not wait.
--
-- The same columns and rules as the PostgreSQL script of the same name, with these differences: uuid is 16 bytes in a
-- BLOB, times are INTEGER milliseconds since 1970-01-01 UTC, lengths in bytes are length(CAST(x AS BLOB)), and there
-- is no function that computes record_id. There is no column result_unavailable: an index can do without it here.


-- One row per idempotency key: the owner of the current claim, its lease, and the result.
--
-- An ordinary rowid table with a unique index: it commits batches much faster than a WITHOUT ROWID table whose key is
-- a hash. STRICT makes SQLite refuse a value of another type instead of converting it. COLLATE BINARY compares byte
-- for byte. A text with a NUL character is refused, as in PostgreSQL.
CREATE TABLE tg_idempotency (
    record_id       BLOB    NOT NULL,
    tenant          TEXT    COLLATE BINARY NOT NULL,
    action          TEXT    COLLATE BINARY NOT NULL,
    idempotency_key TEXT    COLLATE BINARY NOT NULL,
    status          TEXT    COLLATE BINARY NOT NULL,
    fence           INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    claim_token     BLOB    NOT NULL,
    owner           TEXT    COLLATE BINARY NOT NULL,
    lease_until     INTEGER NOT NULL,
    fingerprint     BLOB    NOT NULL,
    result          BLOB,
    result_codec    TEXT    COLLATE BINARY,
    failure_code    TEXT    COLLATE BINARY,
    failure_message TEXT    COLLATE BINARY,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    life            INTEGER NOT NULL DEFAULT 1,
    attempt         INTEGER NOT NULL DEFAULT 1,
    refusals        INTEGER NOT NULL DEFAULT 0,
    provider_key_number INTEGER NOT NULL DEFAULT 0,
    -- 1: the service stores rows of its own with the result. Completing such a row by hand leaves them out.
    stores_rows     INTEGER NOT NULL DEFAULT 0,

    -- Lengths in bytes; texts count their UTF-8.
    CONSTRAINT tg_idempotency_record_id_length CHECK (length(record_id) = 16),
    CONSTRAINT tg_idempotency_claim_token_length CHECK (length(claim_token) = 16),
    CONSTRAINT tg_idempotency_tenant_length CHECK (length(CAST(tenant AS BLOB)) BETWEEN 1 AND 255),
    CONSTRAINT tg_idempotency_action_length CHECK (length(CAST(action AS BLOB)) BETWEEN 1 AND 255),
    CONSTRAINT tg_idempotency_key_length CHECK (length(CAST(idempotency_key AS BLOB)) BETWEEN 1 AND 255),
    CONSTRAINT tg_idempotency_owner_length CHECK (length(CAST(owner AS BLOB)) <= 255),
    CONSTRAINT tg_idempotency_fingerprint_length CHECK (length(fingerprint) = 32),
    CONSTRAINT tg_idempotency_result_codec_length CHECK (length(CAST(result_codec AS BLOB)) <= 255),
    CONSTRAINT tg_idempotency_failure_code_length CHECK (length(CAST(failure_code AS BLOB)) <= 100),
    CONSTRAINT tg_idempotency_failure_message_length CHECK (length(CAST(failure_message AS BLOB)) <= 4000),
    CONSTRAINT tg_idempotency_no_nul CHECK (
        instr(CAST(tenant AS BLOB), x'00') = 0
        AND instr(CAST(action AS BLOB), x'00') = 0
        AND instr(CAST(idempotency_key AS BLOB), x'00') = 0),

    -- Not "status IN (…)": for more than two values SQLite builds a temporary table each time a row is written, which
    -- made this CHECK more expensive than all others together.
    CONSTRAINT tg_idempotency_status_known CHECK
        (status = 'IN_PROGRESS' OR status = 'COMPLETED' OR status = 'REJECTED' OR status = 'RETRYABLE'
         OR status = 'IN_DOUBT'),
    CONSTRAINT tg_idempotency_fence_positive CHECK (fence >= 1),
    CONSTRAINT tg_idempotency_version_positive CHECK (version >= 1),
    CONSTRAINT tg_idempotency_numbers_positive CHECK
        (life >= 1 AND attempt >= 0 AND refusals >= 0 AND provider_key_number >= 0),
    CONSTRAINT tg_idempotency_stores_rows_boolean CHECK (stores_rows IN (0, 1)),
    CONSTRAINT tg_idempotency_expires_after_created CHECK (expires_at > created_at),

    -- Columns allowed with each status. A COMPLETED row has either a result (result_codec is set; NULL in result is
    -- then a null result) or the reason why its result is unavailable (failure_code is set).
    CONSTRAINT tg_idempotency_status_columns CHECK (
        CASE status
            WHEN 'IN_PROGRESS' THEN
                result IS NULL AND result_codec IS NULL AND failure_code IS NULL
            WHEN 'COMPLETED' THEN
                (result_codec IS NOT NULL AND failure_code IS NULL)
                OR (result_codec IS NULL AND result IS NULL AND failure_code IS NOT NULL)
            ELSE
                failure_code IS NOT NULL AND result IS NULL AND result_codec IS NULL
        END),
    CONSTRAINT tg_idempotency_message_needs_code CHECK (failure_message IS NULL OR failure_code IS NOT NULL)
) STRICT;


-- One row per key. Every claim, read and completion finds its row with this index.
CREATE UNIQUE INDEX tg_idempotency_record_id ON tg_idempotency (record_id);


-- For the purge. Do not add an index on status, lease_until, claim_token, version, updated_at or result: heartbeats
-- and completions write these columns, and each index on them is one more page to write per commit.
CREATE INDEX tg_idempotency_expires_at ON tg_idempotency (expires_at);


-- For operators: the completed rows without a result, which are few, are found without reading the table. No other row
-- is in this index, so that no other write pays for it with a page.
CREATE INDEX tg_idempotency_result_unavailable ON tg_idempotency (action)
    WHERE status = 'COMPLETED' AND result_codec IS NULL;


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


-- Exactly one row: the identity of this store, the version of its schema, and the clock offset of this machine.
--
-- SQLite has no server whose clock could decide leases. clock_offset_millis therefore turns the kernel's time since
-- boot, which is the same for every process of the machine, into milliseconds since 1970: the process that opens the
-- store first after a boot writes it, all others use it, and a process with a wrong wall clock changes no lease.
-- clock_boot_id names the boot that the offset is for. Both are NULL until a store has been opened.
--
-- file_generation grows while stores have the file open, and is 0 before. The library also writes it beside the file,
-- and so notices an older copy of the file, or one that has lost its -wal.
CREATE TABLE tg_store_info (
    singleton           INTEGER NOT NULL PRIMARY KEY,
    store_id            TEXT    COLLATE BINARY NOT NULL DEFAULT (lower(hex(randomblob(16)))),
    schema_version      INTEGER NOT NULL,
    created_at          INTEGER NOT NULL
        DEFAULT (CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)),
    clock_boot_id       TEXT    COLLATE BINARY,
    clock_offset_millis INTEGER,
    file_generation     INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT tg_store_info_singleton CHECK (singleton = 1),
    CONSTRAINT tg_store_info_store_id CHECK (length(store_id) = 32 AND store_id NOT GLOB '*[^0-9a-f]*'),
    CONSTRAINT tg_store_info_schema_version_positive CHECK (schema_version >= 1),
    CONSTRAINT tg_store_info_clock_together CHECK ((clock_boot_id IS NULL) = (clock_offset_millis IS NULL)),
    CONSTRAINT tg_store_info_file_generation_positive CHECK (file_generation >= 0)
) STRICT;

-- Last on purpose: this row tells the library that the installation is complete.
INSERT INTO tg_store_info (singleton, schema_version) VALUES (1, 1);
