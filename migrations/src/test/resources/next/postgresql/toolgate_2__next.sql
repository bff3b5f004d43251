-- A version 2 for tests: what an upgrade may do to tables that are in use.
SET LOCAL lock_timeout = '2s';

DO $$
BEGIN
    IF (SELECT schema_version FROM tg_store_info) <> 1 THEN
        RAISE EXCEPTION 'ToolGate: version 2 follows version 1';
    END IF;
END
$$;

ALTER TABLE tg_idempotency ADD COLUMN next text;

CREATE TABLE tg_idempotency_next (record_id uuid NOT NULL);

UPDATE tg_store_info SET schema_version = 2;
