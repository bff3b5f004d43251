-- Purpose:    reads one checkpoint by its name
-- Parameters: :id, :name
-- Index:      tg_idempotency_checkpoint_pkey
-- Isolation:  any level; a plain read, no lock
-- Rows:       1: the checkpoint; it may belong to an earlier lifetime of the key
--             0: there is none of this name
--             more: never
SELECT name, codec, data, fence, version, record_created_at, written_at
FROM tg_idempotency_checkpoint
WHERE record_id = :id
  AND name = :name
