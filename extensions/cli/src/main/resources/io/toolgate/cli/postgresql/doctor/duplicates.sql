-- Purpose:    identities that have more than one record
-- Parameters: none
-- Index:      none: the whole table is sorted
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(example) AS example
FROM (
    SELECT min(record_id::text) AS example
    FROM tg_idempotency
    GROUP BY tenant, action, idempotency_key
    HAVING count(*) > 1
) AS twice
