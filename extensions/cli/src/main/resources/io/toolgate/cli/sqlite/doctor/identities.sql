-- Purpose:    records and history whose record_id is not the one of their tenant, action and key
-- Parameters: none
-- Index:      none: the whole of two tables is read
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(lower(hex(record_id))) AS example
FROM (
    SELECT record_id, tenant, action, idempotency_key FROM tg_idempotency
    UNION ALL
    SELECT record_id, tenant, action, idempotency_key FROM tg_idempotency_history
) AS texts
WHERE record_id IS DISTINCT FROM tg_record_id(tenant, action, idempotency_key)
