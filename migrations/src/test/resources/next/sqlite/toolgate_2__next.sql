-- A version 2 for tests: what an upgrade may do to tables that are in use.
UPDATE tg_store_info SET schema_version = CASE schema_version WHEN 1 THEN 2 ELSE 0 END;

ALTER TABLE tg_idempotency ADD COLUMN next TEXT;

CREATE TABLE tg_idempotency_next (record_id BLOB NOT NULL) STRICT;
