-- Purpose:    records with one of the runtime's failure codes in a status in which the runtime never writes it
-- Parameters: :quarantined, :retired, :resolved (the codes)
-- Index:      none: the whole table is read
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(t.record_id::text) AS example
FROM tg_idempotency AS t
WHERE (failure_code = :quarantined AND status <> 'IN_DOUBT')
   OR (failure_code IN (:retired, :resolved) AND status <> 'RETRYABLE')
