-- Purpose:    keeps the input that a claim carries, unless the record's life has one. Second half of a transaction;
--             claim_insert.sql or claim_take.sql is the first
-- Parameters: :name (toolgate:input), :codec, :data (NULL for a null input), :id, :token
-- Index:      tg_idempotency_pkey, tg_idempotency_checkpoint_pkey
-- Isolation:  READ COMMITTED, in the transaction of the claim, which holds the lock of the record's row
-- Rows:       none is returned. Rows written:
--             1: kept
--             0: this life has an input
--             more: never
-- Durability: that of the transaction, which the claim's statement has made synchronous
INSERT INTO tg_idempotency_checkpoint AS c (
    record_id, name, codec, data, fence, version, life, record_created_at, written_at)
SELECT record_id, :name, :codec, CAST(:data AS bytea), fence, version, life, created_at, updated_at
FROM tg_idempotency
WHERE record_id = :id
  AND claim_token = :token
ON CONFLICT (record_id, name) DO UPDATE
SET codec = excluded.codec,
    data = excluded.data,
    fence = excluded.fence,
    version = excluded.version,
    life = excluded.life,
    record_created_at = excluded.record_created_at,
    written_at = excluded.written_at
WHERE c.life <> excluded.life
   OR c.record_created_at <> excluded.record_created_at
