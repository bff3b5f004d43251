-- Purpose:    records in progress whose lease ended more than an hour ago: nobody reconciles
-- Parameters: :now
-- Index:      none: the whole table is read
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(lower(hex(t.record_id))) AS example
FROM tg_idempotency AS t
WHERE status = 'IN_PROGRESS' AND lease_until < :now - 3600000
