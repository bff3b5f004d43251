-- Purpose:    records in progress whose lease ended more than an hour ago: nobody reconciles
-- Parameters: none
-- Index:      none: the whole table is read
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(t.record_id::text) AS example
FROM tg_idempotency AS t
WHERE status = 'IN_PROGRESS' AND lease_until < statement_timestamp() - INTERVAL '1 hours'
