-- Purpose:    reads the versions of the records that have waiters
-- Parameters: :ids (a JSON array of ids in hexadecimal)
-- Index:      tg_idempotency_record_id
-- Isolation:  one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       one for each id that has a record
SELECT record_id, version, status IN ('COMPLETED', 'REJECTED') AS ended
FROM tg_idempotency
WHERE record_id IN (SELECT unhex(value) FROM json_each(:ids))
