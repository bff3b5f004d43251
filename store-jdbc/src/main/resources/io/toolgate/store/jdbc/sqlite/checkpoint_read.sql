-- Purpose:    reads one checkpoint by its name
-- Parameters: :id, :name
-- Index:      the primary key of tg_idempotency_checkpoint
-- Isolation:  one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1: the checkpoint; it may belong to an earlier lifetime of the key
--             0: there is none of this name
--             more: never
SELECT name, codec, data, fence, version, record_created_at, written_at
FROM tg_idempotency_checkpoint
WHERE record_id = :id
  AND name = :name
