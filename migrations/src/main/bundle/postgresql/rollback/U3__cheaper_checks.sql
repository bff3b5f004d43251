-- Removes version 3: the fifteen CHECKs of version 1 replace the one of version 3.
--
--     psql -v ON_ERROR_STOP=1 -1 -f U3__cheaper_checks.sql
--
-- Seldom needed: a library made for version 2 works on version 3 too. Fails, and changes nothing, if an existing row
-- violates one of the fifteen: 'toolgate doctor' and monitoring.sql list such rows.
-- Locks: tg_idempotency, exclusively, while it is read once, which takes seconds if it is large; gives up after two
-- seconds of waiting for that lock.
SET LOCAL lock_timeout = '2s';

LOCK TABLE tg_idempotency, tg_store_info IN ACCESS EXCLUSIVE MODE;

DO $$
DECLARE
    installed integer;
BEGIN
    SELECT schema_version INTO installed FROM tg_store_info;
    IF installed <> 3 THEN
        RAISE EXCEPTION 'ToolGate: this script removes version 3, but the schema has version %', installed
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
    ADD CONSTRAINT tg_idempotency_numbers_positive CHECK
        (life >= 1 AND attempt >= 0 AND refusals >= 0 AND provider_key_number >= 0),
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

-- The entry in the library's migration history, if it migrated this schema.
DO $$
BEGIN
    IF to_regclass('tg_schema_history') IS NOT NULL THEN
        DELETE FROM tg_schema_history WHERE version = '3';
    END IF;
END
$$;
