-- ToolGate schema, version 3, for PostgreSQL 14 to 18: one CHECK on tg_idempotency instead of fifteen.
--
-- Run as the role that owns the objects of version 1, with their schema first in search_path. By hand, all or nothing:
--
--     psql -v ON_ERROR_STOP=1 -1 -f V3__cheaper_checks.sql
--
-- PostgreSQL parses every CHECK of a table anew for each statement that writes to it, and the fifteen of version 1
-- were a noticeable part of the time of a claim and its completion. The one that is left prevents the most expensive
-- mistake of a manual edit: a status that does not fit the stored columns, so that a completed action would run again.
-- The library checks everything else before it writes; 'toolgate doctor' and monitoring.sql find rows that were
-- edited.
--
-- Changes the catalog and no row. Libraries made for version 2 keep working beside newer ones. A second run fails and
-- changes nothing. Locks: tg_idempotency, exclusively, for an instant, after running transactions on it have ended.
-- Because other statements queue behind that wait, it gives up after two seconds; then run it again.
SET LOCAL lock_timeout = '2s';


-- Precondition: the schema is at version 2.
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
            USING HINT = 'Nothing was changed. Run only the scripts that are newer than the installed version.';
    END IF;
END
$$;


-- Replaces the fifteen CHECKs with one. A COMPLETED row has either a result (result_codec is set; NULL in result is
-- then a null result) or the reason why its result is unavailable (failure_code is set).
--
-- Kept as short as possible, because its cost grows with its text: it does not list the five statuses. So an unknown
-- status is refused only without a failure_code; with one, monitoring.sql finds it, like a wrong length.
--
-- NOT VALID, because reading a large table would block the services meanwhile. No existing row can violate it, since
-- the fifteen required the same and more.
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
    DROP CONSTRAINT IF EXISTS tg_idempotency_numbers_positive,
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


-- Validates the constraint now if the table has at most 8 MB, which takes milliseconds. In a larger one it stays NOT
-- VALID, which enforces it for every write all the same. Its owner may validate it at any time, beside running
-- services (this reads the table and blocks no claim):
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


-- Last on purpose: this row tells the library that the upgrade is complete. Locks: that row.
UPDATE tg_store_info SET schema_version = 3;
