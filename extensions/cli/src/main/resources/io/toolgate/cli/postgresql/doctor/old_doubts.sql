-- Purpose:    records in doubt for more than seven days
-- Parameters: none
-- Index:      none: the whole table is read
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(t.record_id::text) AS example
FROM tg_idempotency AS t
WHERE status = 'IN_DOUBT' AND updated_at < statement_timestamp() - INTERVAL '168 hours'
