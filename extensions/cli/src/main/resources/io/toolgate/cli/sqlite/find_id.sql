-- Purpose:    whose record this is, or was
-- Parameters: :id (32 hexadecimal digits)
-- Index:      tg_idempotency_record_id, and the primary key of the history
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
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
