-- Purpose:    claims a key that has no record
-- Parameters: :id, :tenant, :action, :key, :token, :owner, :lease, :fingerprint, :storesRows, :retention, :now (times
--             and durations in milliseconds)
-- Index:      tg_idempotency_record_id, for the conflict
-- Isolation:  autocommit, or in one transaction with claim_input.sql, or a shared one. SQLite has one writer at a time,
--             so the conflict is checked on the state that is written to. Takes the write lock even if it writes
--             nothing; peek.sql therefore comes first, unless the key is probably new. Race: of two claims of a new key
--             the index admits one; the other writes nothing
-- Rows:       none is returned, because SQLite builds a temporary table for RETURNING. Rows written:
--             1: claimed
--             0: the key has a record by now: the caller reads it
--             more: never, record_id is unique
-- Durability: synchronous=FULL, set on every connection of the store
INSERT INTO tg_idempotency (
    record_id, tenant, action, idempotency_key, status, fence, version, claim_token, owner, lease_until, fingerprint,
    stores_rows, created_at, updated_at, expires_at)
VALUES (
    :id, :tenant, :action, :key, 'IN_PROGRESS', 1, 1, :token, :owner,
    :now + :lease, :fingerprint, :storesRows,
    :now, :now, :now + :retention)
ON CONFLICT (record_id) DO NOTHING
