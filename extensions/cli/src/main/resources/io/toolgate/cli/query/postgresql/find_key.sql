-- Purpose:    every tenant and action that has a key, with a record or with history only
-- Parameters: :key, :tenant (NULL: any), :action (NULL: any), :limit
-- Index:      none: the whole of two tables is read. A caller that knows tenant and action reads by record_id instead
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       0 to :limit, in order of their texts
SELECT record_id, tenant, action, idempotency_key
FROM (
    SELECT record_id, tenant, action, idempotency_key
    FROM tg_idempotency
    UNION
    SELECT record_id, tenant, action, idempotency_key
    FROM tg_idempotency_history
) AS known
WHERE idempotency_key = :key
  AND (CAST(:tenant AS text) IS NULL OR tenant = :tenant)
  AND (CAST(:action AS text) IS NULL OR action = :action)
ORDER BY tenant, action
LIMIT :limit
