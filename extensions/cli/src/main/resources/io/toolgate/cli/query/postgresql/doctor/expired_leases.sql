-- Purpose:    records in progress whose lease ended more than an hour ago: no reconciler runs
-- Parameters: none
-- Index:      none: the whole table is read
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(t.record_id::text) AS example
FROM tg_idempotency AS t
WHERE status = 'IN_PROGRESS' AND lease_until < statement_timestamp() - INTERVAL '1 hours'
