-- Purpose:    reads one mark, of whichever life of the key
-- Parameters: :id, :name
-- Index:      the primary key of the checkpoints
-- Isolation:  one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1: the mark
--             0: there is none of this name
--             more: never
SELECT name, codec, data, fence, version, record_created_at, written_at
FROM tg_idempotency_checkpoint
WHERE record_id = :id
  AND name = :name
