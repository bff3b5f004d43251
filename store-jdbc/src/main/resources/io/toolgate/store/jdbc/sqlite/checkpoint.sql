-- Purpose:    leaves a mark of how far a run came, if the token still owns the record and the mark says something new; first
--             half of a transaction, of which checkpoint_version.sql is the second
-- Parameters: :name, :codec, :data (NULL for the null value), :id, :token, :now
-- Index:      tg_idempotency_record_id; the primary key of the checkpoints
-- Isolation:  in a transaction that began with the write lock, so nothing moves until it ends. The token says who may: the
--             clock is not asked, only noted
-- Rows:       1: written
--             0: not the owner any more, the run has ended, or this very mark is there already: read and decide again
--             more: never
-- Durability: synchronous=FULL, which every connection of the store has
INSERT INTO tg_idempotency_checkpoint AS c (
    record_id, name, codec, data, fence, version, record_created_at, written_at)
SELECT record_id, :name, :codec, :data, fence, version + 1, created_at, :now
FROM tg_idempotency
WHERE record_id = :id
  AND claim_token = :token
  AND status IN ('IN_PROGRESS', 'IN_DOUBT')
ON CONFLICT (record_id, name) DO UPDATE
SET codec = excluded.codec,
    data = excluded.data,
    fence = excluded.fence,
    version = excluded.version,
    record_created_at = excluded.record_created_at,
    written_at = excluded.written_at
WHERE c.fence <> excluded.fence
   OR c.record_created_at <> excluded.record_created_at
   OR c.codec <> excluded.codec
   OR c.data IS NOT excluded.data
RETURNING version
