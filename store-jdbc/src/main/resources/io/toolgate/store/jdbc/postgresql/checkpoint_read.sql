-- Purpose:    reads one mark, of whichever life of the key
-- Parameters: :id, :name
-- Index:      tg_idempotency_checkpoint_pkey
-- Isolation:  any level; a plain read, no lock
-- Rows:       1: the mark
--             0: there is none of this name
--             more: never
SELECT name, codec, data, fence, version, record_created_at, written_at
FROM tg_idempotency_checkpoint
WHERE record_id = :id
  AND name = :name
