-- Purpose:    records and history entries whose record_id does not match their tenant, action and key
-- Parameters: none
-- Index:      none: the whole of two tables is read
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(lower(hex(record_id))) AS example
FROM (
    SELECT record_id, tenant, action, idempotency_key FROM tg_idempotency
    UNION ALL
    SELECT record_id, tenant, action, idempotency_key FROM tg_idempotency_history
) AS texts
WHERE record_id IS DISTINCT FROM tg_record_id(tenant, action, idempotency_key)
