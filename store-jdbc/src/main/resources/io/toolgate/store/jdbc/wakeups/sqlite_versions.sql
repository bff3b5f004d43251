-- Purpose:    how far the records are that somebody waits for
-- Parameters: :ids (a JSON array of the ids in hexadecimal)
-- Index:      tg_idempotency_record_id
-- Isolation:  one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       one for each record that is there
SELECT record_id, version, status IN ('COMPLETED', 'REJECTED') AS ended
FROM tg_idempotency
WHERE record_id IN (SELECT unhex(value) FROM json_each(:ids))
