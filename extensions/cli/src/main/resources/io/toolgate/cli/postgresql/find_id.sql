-- Purpose:    whose record this is, or was
-- Parameters: :id (32 hexadecimal digits)
-- Index:      the primary keys
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
-- Rows:       0 or 1
SELECT tenant, action, idempotency_key
FROM (
    SELECT tenant, action, idempotency_key
    FROM tg_idempotency
    WHERE record_id = CAST(:id AS uuid)
    UNION
    SELECT tenant, action, idempotency_key
    FROM tg_idempotency_history
    WHERE record_id = CAST(:id AS uuid)
) AS known
LIMIT 1
