-- Purpose:    whose key this may be: every tenant and action that has it, with a record or with history only
-- Parameters: :key, :tenant (NULL: any), :action (NULL: any), :limit
-- Index:      none: the whole of two tables is read. Who knows tenant and action asks by record_id instead
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
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
