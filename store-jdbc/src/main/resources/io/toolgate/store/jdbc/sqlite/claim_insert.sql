-- Purpose:    claims a key that nobody has claimed
-- Parameters: :id, :tenant, :action, :key, :token, :owner, :lease, :fingerprint, :retention, :now (milliseconds)
-- Index:      tg_idempotency_record_id, for the conflict
-- Isolation:  one autocommitted write: SQLite has one writer at a time, so what peek.sql read before is checked again here.
--             It takes the write lock even where it writes nothing, which is why peek.sql comes first unless the key is
--             probably fresh
-- Rows:       none is returned: SQLite builds a table in memory for RETURNING. Written:
--             1: claimed
--             0: the record is there by now: read it
--             more: never, record_id is unique
-- Durability: synchronous=FULL, which every connection of the store has
INSERT INTO tg_idempotency (
    record_id, tenant, action, idempotency_key, status, fence, version, claim_token, owner, lease_until, fingerprint,
    created_at, updated_at, expires_at)
VALUES (
    :id, :tenant, :action, :key, 'IN_PROGRESS', 1, 1, :token, :owner,
    :now + :lease, :fingerprint,
    :now, :now, :now + :retention)
ON CONFLICT (record_id) DO NOTHING
