-- Purpose:    records in progress whose lease ended more than an hour ago: no reconciler runs
-- Parameters: :now
-- Index:      none: the whole table is read
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(lower(hex(t.record_id))) AS example
FROM tg_idempotency AS t
WHERE status = 'IN_PROGRESS' AND lease_until < :now - 3600000
