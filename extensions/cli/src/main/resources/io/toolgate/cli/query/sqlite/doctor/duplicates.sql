-- Purpose:    identities that have more than one record
-- Parameters: none
-- Index:      none: the whole table is sorted
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(example) AS example
FROM (
    SELECT min(lower(hex(record_id))) AS example
    FROM tg_idempotency
    GROUP BY tenant, action, idempotency_key
    HAVING count(*) > 1
) AS twice
