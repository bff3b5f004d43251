-- Purpose:    completed records whose result is unavailable, oldest first; the columns of list.sql
-- Parameters: :olderThan (milliseconds), :tenant (NULL: any), :action (NULL: any), :limit, :now
-- Index:      tg_idempotency_result_unavailable, which holds such records only
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       0 to :limit
SELECT record_id, tenant, action, idempotency_key, status, fence, version, owner,
       failure_code, failure_message, result_codec, length(CAST(result AS BLOB)) AS result_bytes,
       lease_until, created_at, updated_at, expires_at, updated_at AS since, 0 AS live
FROM tg_idempotency
WHERE status = 'COMPLETED' AND result_codec IS NULL
  AND updated_at <= :now - :olderThan
  AND (:tenant IS NULL OR tenant = :tenant)
  AND (:action IS NULL OR action = :action)
ORDER BY updated_at, record_id
LIMIT :limit
