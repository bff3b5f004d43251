-- ToolGate schema, version 2, for PostgreSQL 14 to 18: checkpoints, history of decisions, journal (off until it is
-- switched on) and counters for the health view.
--
-- Run as the role that owns the objects of version 1, with their schema first in search_path. By hand, all or nothing:
--
--     psql -v ON_ERROR_STOP=1 -1 -f V2__history_and_journal.sql
--
-- Creates new tables only: tg_idempotency is neither changed nor locked, and libraries made for version 1 keep working
-- beside newer ones. Takes milliseconds. A second run fails at the first statement and changes nothing.


-- Precondition: the schema is at version 1.
-- Locks: none.
DO $$
DECLARE
    installed integer;
BEGIN
    IF to_regclass('tg_store_info') IS NULL THEN
        RAISE EXCEPTION 'ToolGate: no schema of search_path "%" holds tg_store_info', current_setting('search_path')
            USING HINT = 'Run V1__idempotency.sql first. Nothing was changed.';
    END IF;
    SELECT schema_version INTO installed FROM tg_store_info;
    IF installed IS DISTINCT FROM 1 THEN
        RAISE EXCEPTION 'ToolGate: version 2 follows version 1, and this schema has version %', installed
            USING HINT = 'Nothing was changed. Run only the scripts that are newer than the installed version.';
    END IF;
END
$$;


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


-- Grants existing roles of version 1 the privileges they need on the new tables, so that no service lacks one between
-- this script and grants.sql: a role that may INSERT and UPDATE records may write checkpoints, decisions and counters
-- and read the journal; a role that may DELETE records may purge what belongs to them.
-- Locks: the system catalogs' rows of these tables, for an instant.
DO $$
DECLARE
    role text;
BEGIN
    FOR role IN
        SELECT a.grantee::regrole::text
        FROM pg_catalog.pg_class AS c, pg_catalog.aclexplode(c.relacl) AS a
        WHERE c.oid = to_regclass('tg_idempotency') AND a.grantee <> 0 AND a.grantee <> c.relowner
            AND a.privilege_type IN ('INSERT', 'UPDATE')
        GROUP BY a.grantee HAVING count(DISTINCT a.privilege_type) = 2
    LOOP
        EXECUTE 'GRANT SELECT, INSERT, UPDATE ON tg_idempotency_checkpoint, tg_idempotency_counts TO ' || role;
        EXECUTE 'GRANT SELECT, INSERT ON tg_idempotency_history TO ' || role;
        EXECUTE 'GRANT SELECT ON tg_idempotency_journal TO ' || role;
    END LOOP;
    FOR role IN
        SELECT a.grantee::regrole::text
        FROM pg_catalog.pg_class AS c, pg_catalog.aclexplode(c.relacl) AS a
        WHERE c.oid = to_regclass('tg_idempotency') AND a.grantee <> 0 AND a.grantee <> c.relowner
            AND a.privilege_type = 'DELETE'
    LOOP
        EXECUTE 'GRANT SELECT, DELETE ON tg_idempotency_checkpoint, tg_idempotency_history TO ' || role;
    END LOOP;
END
$$;


-- Descriptions, shown by psql's \d+. Locks: the new tables only.
COMMENT ON TABLE tg_idempotency_checkpoint IS 'ToolGate: checkpoints of runs, the latest value of each name.';
COMMENT ON TABLE tg_idempotency_history IS 'ToolGate: decisions of operators, and each record as it stood before.';
COMMENT ON TABLE tg_idempotency_journal IS 'ToolGate: one row per transition while the journal is on. Append-only.';
COMMENT ON TABLE tg_idempotency_counts IS 'ToolGate: counters of outcomes by action and hour, for the health view.';


-- Last on purpose: this row tells the library that the upgrade is complete. Locks: that row.
UPDATE tg_store_info SET schema_version = 2;
