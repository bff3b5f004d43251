-- Purpose:    records in doubt that are no longer probed: an operator must resolve them
-- Parameters: :quarantined (the code)
-- Index:      none: the whole table is read
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(t.record_id::text) AS example
FROM tg_idempotency AS t
WHERE status = 'IN_DOUBT' AND failure_code = :quarantined
