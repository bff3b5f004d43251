-- ToolGate's schema, version 1, for PostgreSQL 14 to 18: records, checkpoints, history of decisions, journal (off until
-- it is switched on) and counters for the health view.
--
-- Run as the role that is to own the objects, in the schema that is to hold them (the first existing one of
-- search_path). By hand, all or nothing:
--
--     psql -v ON_ERROR_STOP=1 -1 -f toolgate_1__schema.sql
--
-- Creates new objects only: no existing table is read, rewritten or locked, so it may run on a busy database at any
-- time and takes milliseconds. A second run fails at the first statement and changes nothing.


-- Preconditions: the schema does not hold ToolGate yet, the server is version 14 or newer, the encoding is UTF8 (keys
-- may be any Unicode text, and the limits below count UTF-8 bytes).
-- Locks: none.
DO $$
DECLARE
    present text;
BEGIN
    IF current_schema() IS NULL THEN
        RAISE EXCEPTION 'ToolGate: no schema of search_path "%" exists, so there is nowhere to create the tables',
            current_setting('search_path')
            USING HINT = 'Create the schema, or set search_path to one that exists. Nothing was changed.';
    END IF;
    SELECT string_agg(c.relname::text, ', ' ORDER BY c.relname) INTO present
        FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relname IN ('tg_idempotency', 'tg_idempotency_checkpoint', 'tg_idempotency_history',
                            'tg_idempotency_journal', 'tg_idempotency_counts', 'tg_store_info')
            AND n.nspname = current_schema();
    IF present IS NOT NULL THEN
        RAISE EXCEPTION 'ToolGate: schema "%" already holds tables of these names: %', current_schema(), present
            USING ERRCODE = 'duplicate_table', HINT = 'Version 1 is installed once per schema. Nothing was changed. '
                || 'SELECT schema_version FROM tg_store_info shows the installed version.';
    END IF;
    IF current_setting('server_version_num')::int < 140000 THEN
        RAISE EXCEPTION 'ToolGate: PostgreSQL 14 or newer is needed, this server is %', current_setting('server_version')
            USING HINT = 'Nothing was changed.';
    END IF;
    IF pg_catalog.getdatabaseencoding() <> 'UTF8' THEN
        RAISE EXCEPTION 'ToolGate: a database with encoding UTF8 is needed, this one has %',
            pg_catalog.getdatabaseencoding()
            USING HINT = 'Use a database created with ENCODING ''UTF8''. Nothing was changed.';
    END IF;
END
$$;


-- Computes a record's primary key from its three texts: the first 16 bytes of SHA-256 over, for each text, the length
-- of its UTF-8 bytes as four bytes, big-endian, followed by those bytes. The lengths keep ('a','bc') and ('ab','c')
-- apart. For people: SELECT * FROM tg_idempotency WHERE record_id = tg_record_id('tenant-42', 'charge-card',
-- 'order-981'); There is no CHECK (record_id = tg_record_id(tenant, action, idempotency_key)), because it would slow
-- down every write noticeably. The library compares the texts on every read instead.
-- Locks: none on any table.
CREATE FUNCTION tg_record_id(tenant text, action text, idempotency_key text) RETURNS uuid
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
        SELECT pg_catalog.encode(pg_catalog.substring(pg_catalog.sha256(
                   pg_catalog.int4send(pg_catalog.octet_length(pg_catalog.convert_to($1, 'UTF8')))
                       || pg_catalog.convert_to($1, 'UTF8')
                       || pg_catalog.int4send(pg_catalog.octet_length(pg_catalog.convert_to($2, 'UTF8')))
                       || pg_catalog.convert_to($2, 'UTF8')
                       || pg_catalog.int4send(pg_catalog.octet_length(pg_catalog.convert_to($3, 'UTF8')))
                       || pg_catalog.convert_to($3, 'UTF8')), 1, 16), 'hex')::pg_catalog.uuid
    $$;

-- Its description, shown by psql's \df+. Locks: none on any table.
COMMENT ON FUNCTION tg_record_id(text, text, text) IS
    'ToolGate: the record_id that belongs to a tenant, an action and an idempotency key.';


-- One row per idempotency key: the owner of the current claim, its lease, and the result.
--
-- Lifecycle of a row: INSERT by the claim; UPDATEs of lease_until by heartbeats, for long runs only; one UPDATE by the
-- completion; DELETE by the purge after retention.
--
-- fillfactor 50 leaves room on each page for the next version of its rows, so that most updates are heap-only (HOT):
-- they touch no index, and the old version is pruned without a vacuum. With less room, or many runs in progress, fewer
-- are.
--
-- The autovacuum settings start a vacuum at two per cent of changed rows instead of twenty, so that a large table is
-- cleaned in many short runs; the insert setting keeps the visibility map and freezing close behind the inserts.
-- toast.* does the same for large results, which are stored in the TOAST table.
--
-- The CHECK prevents the most expensive mistake of an edit by hand: a status that does not fit the stored columns, so
-- that a completed action would run again. There is only this one, and it is as short as possible, because PostgreSQL
-- parses each CHECK anew for every statement that writes: fifteen of them, which also bounded lengths and listed the
-- statuses, were a noticeable part of the time of a claim and its completion. The library checks the rest before it
-- writes; 'toolgate doctor' and monitoring.sql find rows that were edited.
--
-- Text is compared byte for byte (COLLATE "C"): no locale decides whether two keys are equal.
-- Locks: none on any existing table.
CREATE TABLE tg_idempotency (
    record_id       uuid        NOT NULL,
    tenant          text        COLLATE "C" NOT NULL,
    action          text        COLLATE "C" NOT NULL,
    idempotency_key text        COLLATE "C" NOT NULL,
    status          text        COLLATE "C" NOT NULL,
    fence           bigint      NOT NULL,
    version         bigint      NOT NULL,
    claim_token     uuid        NOT NULL,
    owner           text        COLLATE "C" NOT NULL,
    lease_until     timestamptz NOT NULL,
    fingerprint     bytea       NOT NULL,
    result          bytea,
    result_codec    text        COLLATE "C",
    failure_code    text        COLLATE "C",
    failure_message text        COLLATE "C",
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    life            integer     NOT NULL DEFAULT 1,
    attempt         integer     NOT NULL DEFAULT 1,
    refusals        integer     NOT NULL DEFAULT 0,
    provider_key_number integer     NOT NULL DEFAULT 0,
    result_unavailable  boolean     NOT NULL DEFAULT false,
    stores_rows         boolean     NOT NULL DEFAULT false,

    CONSTRAINT tg_idempotency_pkey PRIMARY KEY (record_id),

    -- A COMPLETED row has either a result (result_codec is set; NULL in result is then a null result) or the reason why
    -- its result is unavailable (failure_code is set).
    CONSTRAINT tg_idempotency_status_columns CHECK (
        CASE
            WHEN failure_code IS NULL THEN
                status = CASE WHEN result_codec IS NULL THEN 'IN_PROGRESS' ELSE 'COMPLETED' END
            ELSE
                result_codec IS NULL AND status <> 'IN_PROGRESS'
        END)
) WITH (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.05,
    toast.autovacuum_vacuum_scale_factor = 0.02,
    toast.autovacuum_vacuum_insert_scale_factor = 0.05
);


-- For the purge. The claim sets expires_at and a completion does not change it, so this index keeps completions HOT.
--
-- Do not add an index on status, lease_until, claim_token, version, updated_at or result: heartbeats and completions
-- write these columns, and an index on any of them ends HOT updates altogether; the table then grows to a multiple of
-- its size.
-- Locks: the new, empty table only.
CREATE INDEX tg_idempotency_expires_at ON tg_idempotency (expires_at);


-- For operators: the completed rows without a result, which are few, are found without reading the table. This is what
-- the column result_unavailable is for: only the completion of such a row changes it, so that all others stay HOT. An
-- index whose condition names status or failure_code would end that, and a generated column costs a third of the CPU
-- time of a claim and its completion.
-- Locks: the new, empty table only.
CREATE INDEX tg_idempotency_result_unavailable ON tg_idempotency (action) WHERE result_unavailable;


-- Checkpoints: the latest value of each name that an attempt stored for later attempts. life and
-- record_created_at name the life of the key that a checkpoint belongs to; those of an earlier one are ignored.
-- Locks: none on any existing table.
CREATE TABLE tg_idempotency_checkpoint (
    record_id         uuid        NOT NULL,
    name              text        COLLATE "C" NOT NULL,
    codec             text        COLLATE "C" NOT NULL,
    data              bytea,
    fence             bigint      NOT NULL,
    version           bigint      NOT NULL,
    record_created_at timestamptz NOT NULL,
    written_at        timestamptz NOT NULL,
    life              integer     NOT NULL,

    CONSTRAINT tg_idempotency_checkpoint_pkey PRIMARY KEY (record_id, name),
    CONSTRAINT tg_idempotency_checkpoint_name_length CHECK (octet_length(name) BETWEEN 1 AND 255),
    CONSTRAINT tg_idempotency_checkpoint_codec_length CHECK (octet_length(codec) BETWEEN 1 AND 255),
    CONSTRAINT tg_idempotency_checkpoint_fence_positive CHECK (fence >= 1 AND version >= fence)
);


-- Decisions of operators and programs, and each record as it stood before: finished records that were retired, records
-- in doubt that were resolved, completed records whose missing result was supplied. Written in the commit that carries
-- the decision out.
-- Locks: none on any existing table.
CREATE TABLE tg_idempotency_history (
    record_id       uuid        NOT NULL,
    version         bigint      NOT NULL,
    created_at      timestamptz NOT NULL,
    decision        text        COLLATE "C" NOT NULL,
    operator        text        COLLATE "C" NOT NULL,
    reason          text        COLLATE "C" NOT NULL,
    decided_at      timestamptz NOT NULL,
    forget_at       timestamptz NOT NULL,
    tenant          text        COLLATE "C" NOT NULL,
    action          text        COLLATE "C" NOT NULL,
    idempotency_key text        COLLATE "C" NOT NULL,
    status          text        COLLATE "C" NOT NULL,
    fence           bigint      NOT NULL,
    claim_token     uuid        NOT NULL,
    owner           text        COLLATE "C" NOT NULL,
    lease_until     timestamptz NOT NULL,
    fingerprint     bytea       NOT NULL,
    result          bytea,
    result_codec    text        COLLATE "C",
    failure_code    text        COLLATE "C",
    failure_message text        COLLATE "C",
    updated_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    life            integer     NOT NULL,
    attempt         integer     NOT NULL,
    refusals        integer     NOT NULL,
    provider_key_number integer     NOT NULL,
    stores_rows     boolean     NOT NULL DEFAULT false,

    CONSTRAINT tg_idempotency_history_pkey PRIMARY KEY (record_id, version, created_at),
    CONSTRAINT tg_idempotency_history_decision_known CHECK (decision IN ('RETIRED', 'COMPLETED', 'REJECTED', 'RETRY')),
    CONSTRAINT tg_idempotency_history_operator_length CHECK (octet_length(operator) BETWEEN 1 AND 255),
    CONSTRAINT tg_idempotency_history_reason_length CHECK (octet_length(reason) BETWEEN 1 AND 4000)
);

-- For the purge. Locks: the new, empty table only.
CREATE INDEX tg_idempotency_history_forget_at ON tg_idempotency_history (forget_at);


-- The journal: one row per transition, written by a trigger in the transition's own commit. journal_on.sql creates
-- that trigger; without it this table is empty and costs nothing. Append-only: only its owner may change or delete a
-- row. previous_lease_until is the end of the lease before this transition, with any renewals. from_status is NULL for
-- the first claim of a key.
-- Locks: none on any existing table.
CREATE TABLE tg_idempotency_journal (
    entry                bigint      GENERATED ALWAYS AS IDENTITY,
    record_id            uuid        NOT NULL,
    at                   timestamptz NOT NULL,
    fence                bigint      NOT NULL,
    version              bigint      NOT NULL,
    from_status          text        COLLATE "C",
    to_status            text        COLLATE "C" NOT NULL,
    owner                text        COLLATE "C" NOT NULL,
    lease_until          timestamptz,
    previous_lease_until timestamptz,
    failure_code         text        COLLATE "C",
    failure_message      text        COLLATE "C",
    checkpoint           text        COLLATE "C",
    decision             text        COLLATE "C",
    operator             text        COLLATE "C",
    reason               text        COLLATE "C",

    CONSTRAINT tg_idempotency_journal_pkey PRIMARY KEY (entry)
);

-- For reading the entries of one key. Locks: the new, empty table only.
CREATE INDEX tg_idempotency_journal_record_id ON tg_idempotency_journal (record_id, entry);


-- Counters of outcomes, and of late heartbeats, by action and hour, which the services add to every few seconds. For
-- the health view only.
-- Locks: none on any existing table.
CREATE TABLE tg_idempotency_counts (
    action          text        COLLATE "C" NOT NULL,
    hour            timestamptz NOT NULL,
    executed        bigint      NOT NULL DEFAULT 0,
    replayed        bigint      NOT NULL DEFAULT 0,
    recovered       bigint      NOT NULL DEFAULT 0,
    rejected        bigint      NOT NULL DEFAULT 0,
    released        bigint      NOT NULL DEFAULT 0,
    doubted         bigint      NOT NULL DEFAULT 0,
    conflicts       bigint      NOT NULL DEFAULT 0,
    late_heartbeats bigint      NOT NULL DEFAULT 0,

    CONSTRAINT tg_idempotency_counts_pkey PRIMARY KEY (action, hour)
) WITH (fillfactor = 50);


-- Exactly one row: the identity of this store and the version of its schema. The library reads it when it opens the
-- store.
-- Locks: none on any existing table.
CREATE TABLE tg_store_info (
    singleton      smallint    NOT NULL DEFAULT 1,
    store_id       uuid        NOT NULL DEFAULT gen_random_uuid(),
    schema_version integer     NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT tg_store_info_pkey PRIMARY KEY (singleton),
    CONSTRAINT tg_store_info_singleton CHECK (singleton = 1),
    CONSTRAINT tg_store_info_schema_version_positive CHECK (schema_version >= 1)
);


-- Descriptions, shown by psql's \d+. Locks: the new tables only.
COMMENT ON TABLE tg_idempotency IS 'ToolGate: one row per idempotency key; the owner of its claim, the lease and the result.';
COMMENT ON COLUMN tg_idempotency.record_id IS 'tg_record_id(tenant, action, idempotency_key).';
COMMENT ON COLUMN tg_idempotency.tenant IS 'The tenant; part of the identity. 1 to 255 bytes, compared byte for byte.';
COMMENT ON COLUMN tg_idempotency.action IS 'The paid action''s name; part of the identity. 1 to 255 bytes.';
COMMENT ON COLUMN tg_idempotency.idempotency_key IS 'The caller''s key; part of the identity. 1 to 255 bytes.';
COMMENT ON COLUMN tg_idempotency.status IS
    'IN_PROGRESS: an owner runs it. COMPLETED: done, replayed. REJECTED: failed for good, replayed. RETRYABLE: failed before the effect, the next caller runs it. IN_DOUBT: unknown whether the effect happened; resolve it, never delete it blindly.';
COMMENT ON COLUMN tg_idempotency.fence IS 'Number of the claim: 1 for the first, one more for each takeover, also for a probe.';
COMMENT ON COLUMN tg_idempotency.version IS 'Number of the transition; only grows.';
COMMENT ON COLUMN tg_idempotency.life IS 'The life of the key: 1, one more after each retirement and each end of its retention.';
COMMENT ON COLUMN tg_idempotency.attempt IS
    'Attempts of this life whose effect is unknown, with the one under way. Not probes, and not runs that had no effect.';
COMMENT ON COLUMN tg_idempotency.refusals IS
    'Runs in a row that certainly had no effect. The next run starts only after a pause that grows with them.';
COMMENT ON COLUMN tg_idempotency.provider_key_number IS
    'Provider keys are derived from it: one more after each retirement and each failure that the provider remembers.';
COMMENT ON COLUMN tg_idempotency.stores_rows IS
    'Whether the service stores rows of its own with the result. Completing such a row by hand leaves them out.';
COMMENT ON COLUMN tg_idempotency.claim_token IS 'Random token of the latest claim; every statement of its owner has to present it.';
COMMENT ON COLUMN tg_idempotency.owner IS 'The process of the latest owner, for people. Decides nothing.';
COMMENT ON COLUMN tg_idempotency.lease_until IS 'End of the owner''s lease, by this server''s clock. A claim may take the record over after it.';
COMMENT ON COLUMN tg_idempotency.fingerprint IS 'SHA-256 of the input; the same key with another input is refused.';
COMMENT ON COLUMN tg_idempotency.result IS 'The encoded result. NULL with result_codec set: the result is null.';
COMMENT ON COLUMN tg_idempotency.result_codec IS 'Codec and version that wrote the result.';
COMMENT ON COLUMN tg_idempotency.failure_code IS
    'Why it was rejected, released or is in doubt; on a COMPLETED row: why its result is unavailable.';
COMMENT ON COLUMN tg_idempotency.result_unavailable IS
    'True for a COMPLETED row whose failure_code says why its result is unavailable; an operator may supply the result.';
COMMENT ON COLUMN tg_idempotency.failure_message IS 'Description of the failure, for people; up to 4,000 bytes.';
COMMENT ON COLUMN tg_idempotency.created_at IS 'When the key was first claimed in its current lifetime, by this server''s clock.';
COMMENT ON COLUMN tg_idempotency.updated_at IS 'When the row last changed, by this server''s clock.';
COMMENT ON COLUMN tg_idempotency.expires_at IS
    'An ended row (COMPLETED, REJECTED, RETRYABLE) may be purged after updated_at + (expires_at - created_at): retention counts from the end. Set by the claim and not by the completion, which keeps completions HOT.';

-- The same for the second table.
COMMENT ON TABLE tg_store_info IS 'ToolGate: one row; identity and schema version of this store.';
COMMENT ON COLUMN tg_store_info.singleton IS 'Always 1; limits this table to one row.';
COMMENT ON COLUMN tg_store_info.store_id IS 'Random; a copied or swapped database is recognised by it.';
COMMENT ON COLUMN tg_store_info.schema_version IS 'The version of the latest migration.';
COMMENT ON COLUMN tg_store_info.created_at IS 'When the schema was installed.';

-- The same for the tables of checkpoints, decisions, transitions and counters.
COMMENT ON TABLE tg_idempotency_checkpoint IS 'ToolGate: checkpoints of runs, the latest value of each name.';
COMMENT ON TABLE tg_idempotency_history IS 'ToolGate: decisions of operators, and each record as it stood before.';
COMMENT ON TABLE tg_idempotency_journal IS 'ToolGate: one row per transition while the journal is on. Append-only.';
COMMENT ON TABLE tg_idempotency_counts IS 'ToolGate: counters of outcomes by action and hour, for the health view.';


-- Last on purpose: this row tells the library that the installation is complete. Locks: the new table only.
INSERT INTO tg_store_info (schema_version) VALUES (1);
