-- ToolGate schema, version 3, for PostgreSQL 14 to 18: one CHECK on tg_idempotency instead of fourteen.
--
-- Run by the role that owns the objects of version 1, with their schema first in search_path. By hand, all or nothing:
--
--     psql -v ON_ERROR_STOP=1 -1 -f V3__cheaper_checks.sql
--
-- PostgreSQL reads every CHECK of a table anew for each statement that writes it. The fourteen of version 1 took a sixth of the
-- time of a claim and its completion when one caller worked alone; this one takes a fifth of what they took. It keeps out what
-- a hand at psql gets wrong most easily, and dearest: a status that does not go with what is stored, so that an action that is
-- done would run again. All else is checked by the library before it writes; where somebody changed it, 'toolgate doctor' and
-- monitoring.sql find it.
--
-- Changes the catalog and no row. Libraries made for version 2 go on working beside newer ones. A second run fails and changes
-- nothing. Locks: tg_idempotency, exclusively, for an instant, once those before it have ended; it gives up after two seconds of
-- waiting for that, because whoever comes later waits behind it, and may then be tried again.
SET LOCAL lock_timeout = '2s';


-- Refuses, before anything is changed, a schema that is not at version 2.
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
    IF installed IS DISTINCT FROM 2 THEN
        RAISE EXCEPTION 'ToolGate: version 3 follows version 2, and this schema has version %', installed
            USING HINT = 'Nothing was changed. Run only the scripts that are newer than what is there.';
    END IF;
END
$$;


-- The fourteen go, and the one comes. A COMPLETED row has either a result (result_codec is set; a NULL result then is a result
-- that is null) or the reason why its result is not available (failure_code is set).
--
-- How it is written matters, because it is paid for by the word, and for each letter of a constant: to list the five statuses
-- here, too, takes a hundredth of a caller's time. So a status that is none is kept out where there is no failure_code, and else
-- is found like a wrong length.
--
-- NOT VALID, because reading a large table would keep the services waiting: no row that is there can break it, since the
-- fourteen said the same and more.
-- Locks: tg_idempotency, ACCESS EXCLUSIVE, until the transaction ends.
ALTER TABLE tg_idempotency
    DROP CONSTRAINT IF EXISTS tg_idempotency_tenant_length,
    DROP CONSTRAINT IF EXISTS tg_idempotency_action_length,
    DROP CONSTRAINT IF EXISTS tg_idempotency_key_length,
    DROP CONSTRAINT IF EXISTS tg_idempotency_owner_length,
    DROP CONSTRAINT IF EXISTS tg_idempotency_fingerprint_length,
    DROP CONSTRAINT IF EXISTS tg_idempotency_result_codec_length,
    DROP CONSTRAINT IF EXISTS tg_idempotency_failure_code_length,
    DROP CONSTRAINT IF EXISTS tg_idempotency_failure_message_length,
    DROP CONSTRAINT IF EXISTS tg_idempotency_status_known,
    DROP CONSTRAINT IF EXISTS tg_idempotency_fence_positive,
    DROP CONSTRAINT IF EXISTS tg_idempotency_version_positive,
    DROP CONSTRAINT IF EXISTS tg_idempotency_expires_after_created,
    DROP CONSTRAINT IF EXISTS tg_idempotency_status_columns,
    DROP CONSTRAINT IF EXISTS tg_idempotency_message_needs_code,
    ADD CONSTRAINT tg_idempotency_status_columns CHECK (
        CASE
            WHEN failure_code IS NULL THEN
                status = CASE WHEN result_codec IS NULL THEN 'IN_PROGRESS' ELSE 'COMPLETED' END
            ELSE
                result_codec IS NULL AND status <> 'IN_PROGRESS'
        END) NOT VALID;


-- A table of up to 8 MB is read now, in milliseconds. A larger one keeps the words NOT VALID beside the constraint, which is
-- enforced all the same. They go whenever its owner likes, beside running services (reads the table, holds up no claim):
--
--     ALTER TABLE tg_idempotency VALIDATE CONSTRAINT tg_idempotency_status_columns;
--
-- Locks: held already.
DO $$
BEGIN
    IF pg_relation_size(to_regclass('tg_idempotency')) <= 8 * 1024 * 1024 THEN
        ALTER TABLE tg_idempotency VALIDATE CONSTRAINT tg_idempotency_status_columns;
    END IF;
END
$$;


-- Last on purpose: the library takes the schema for upgraded when this row says so. Locks: that row.
UPDATE tg_store_info SET schema_version = 3;
