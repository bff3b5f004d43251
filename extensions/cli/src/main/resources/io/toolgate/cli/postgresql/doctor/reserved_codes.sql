-- Purpose:    records with a failure code of the runtime's own in a status where it never puts it
-- Parameters: none
-- Index:      none: the whole table is read
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(t.record_id::text) AS example
FROM tg_idempotency AS t
WHERE (failure_code = 'toolgate:quarantined' AND status <> 'IN_DOUBT')
   OR (failure_code IN ('toolgate:retired', 'toolgate:resolved') AND status <> 'RETRYABLE')
