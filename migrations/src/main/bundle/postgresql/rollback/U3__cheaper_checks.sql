-- Takes version 3 away again: the fourteen CHECKs of version 1 come back for the one that stood in their place.
--
--     psql -v ON_ERROR_STOP=1 -1 -f U3__cheaper_checks.sql
--
-- A library made for version 2 works on version 3 just as well; so there is seldom a reason to run this. Refuses, and changes
-- nothing, if there is a row that one of the fourteen would not let in: 'toolgate doctor' and monitoring.sql name them.
-- Locks: tg_idempotency, exclusively, while it is read once: seconds for a large one. Gives up after two seconds of waiting.
SET LOCAL lock_timeout = '2s';

LOCK TABLE tg_idempotency, tg_store_info IN ACCESS EXCLUSIVE MODE;

DO $$
DECLARE
    installed integer;
BEGIN
    SELECT schema_version INTO installed FROM tg_store_info;
    IF installed <> 3 THEN
        RAISE EXCEPTION 'ToolGate: this takes version 3 away, and the schema has version %', installed
            USING HINT = 'Run the newer rollback scripts first, newest first. Nothing was changed.';
    END IF;
END
$$;

ALTER TABLE tg_idempotency
    DROP CONSTRAINT IF EXISTS tg_idempotency_status_columns,
    ADD CONSTRAINT tg_idempotency_tenant_length CHECK (octet_length(tenant) BETWEEN 1 AND 255),
    ADD CONSTRAINT tg_idempotency_action_length CHECK (octet_length(action) BETWEEN 1 AND 255),
    ADD CONSTRAINT tg_idempotency_key_length CHECK (octet_length(idempotency_key) BETWEEN 1 AND 255),
    ADD CONSTRAINT tg_idempotency_owner_length CHECK (octet_length(owner) <= 255),
    ADD CONSTRAINT tg_idempotency_fingerprint_length CHECK (octet_length(fingerprint) = 32),
    ADD CONSTRAINT tg_idempotency_result_codec_length CHECK (octet_length(result_codec) <= 255),
    ADD CONSTRAINT tg_idempotency_failure_code_length CHECK (octet_length(failure_code) <= 100),
    ADD CONSTRAINT tg_idempotency_failure_message_length CHECK (octet_length(failure_message) <= 4000),
    ADD CONSTRAINT tg_idempotency_status_known CHECK
        (status IN ('IN_PROGRESS', 'COMPLETED', 'REJECTED', 'RETRYABLE', 'IN_DOUBT')),
    ADD CONSTRAINT tg_idempotency_fence_positive CHECK (fence >= 1),
    ADD CONSTRAINT tg_idempotency_version_positive CHECK (version >= 1),
    ADD CONSTRAINT tg_idempotency_expires_after_created CHECK (expires_at > created_at),
    ADD CONSTRAINT tg_idempotency_status_columns CHECK (
        CASE status
            WHEN 'IN_PROGRESS' THEN
                result IS NULL AND result_codec IS NULL AND failure_code IS NULL
            WHEN 'COMPLETED' THEN
                (result_codec IS NOT NULL AND failure_code IS NULL)
                OR (result_codec IS NULL AND result IS NULL AND failure_code IS NOT NULL)
            ELSE
                failure_code IS NOT NULL AND result IS NULL AND result_codec IS NULL
        END),
    ADD CONSTRAINT tg_idempotency_message_needs_code CHECK (failure_message IS NULL OR failure_code IS NOT NULL);

UPDATE tg_store_info SET schema_version = 2;

-- The library's note of what it migrated, if it did.
DO $$
BEGIN
    IF to_regclass('tg_schema_history') IS NOT NULL THEN
        DELETE FROM tg_schema_history WHERE version = '3';
    END IF;
END
$$;
