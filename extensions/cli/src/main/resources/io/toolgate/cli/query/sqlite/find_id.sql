-- Purpose:    the identity of a record, from itself or from its history
-- Parameters: :id (32 hexadecimal digits)
-- Index:      tg_idempotency_record_id, and the primary key of the history
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       0 or 1
SELECT tenant, action, idempotency_key
FROM (
    SELECT tenant, action, idempotency_key
    FROM tg_idempotency
    WHERE record_id = unhex(:id)
    UNION
    SELECT tenant, action, idempotency_key
    FROM tg_idempotency_history
    WHERE record_id = unhex(:id)
) AS known
LIMIT 1
