-- Purpose:    stores a checkpoint of a run, if the token still owns the record and the checkpoint differs from the
--             stored one. First half of a transaction; checkpoint_version.sql is the second
-- Parameters: :name, :codec, :data (NULL for a null value), :id, :token, :now
-- Index:      tg_idempotency_record_id; the primary key of tg_idempotency_checkpoint
-- Isolation:  in a transaction that began with the write lock, so what is read stays true until it ends. The token
--             decides who may write; the clock is recorded, not checked
-- Rows:       1: stored
--             0: the token does not own the record any more, the run has ended, or an equal checkpoint is stored
--                already: the caller reads the record and decides again
--             more: never
-- Durability: synchronous=FULL, set on every connection of the store
INSERT INTO tg_idempotency_checkpoint AS c (
    record_id, name, codec, data, fence, version, life, record_created_at, written_at)
SELECT record_id, :name, :codec, :data, fence, version + 1, life, created_at, :now
FROM tg_idempotency
WHERE record_id = :id
  AND claim_token = :token
  AND status IN ('IN_PROGRESS', 'IN_DOUBT')
ON CONFLICT (record_id, name) DO UPDATE
SET codec = excluded.codec,
    data = excluded.data,
    fence = excluded.fence,
    version = excluded.version,
    life = excluded.life,
    record_created_at = excluded.record_created_at,
    written_at = excluded.written_at
WHERE c.fence <> excluded.fence
   OR c.life <> excluded.life
   OR c.record_created_at <> excluded.record_created_at
   OR c.codec <> excluded.codec
   OR c.data IS NOT excluded.data
RETURNING version
