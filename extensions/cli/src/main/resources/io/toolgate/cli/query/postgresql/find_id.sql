-- Purpose:    the identity of a record, from itself or from its history
-- Parameters: :id (32 hexadecimal digits)
-- Index:      the primary keys
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
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
