-- Purpose:    completed records whose result is unavailable, oldest first; the columns of list.sql
-- Parameters: :olderThan (milliseconds), :tenant (NULL: any), :action (NULL: any), :limit
-- Index:      tg_idempotency_result_unavailable, which holds such records only
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       0 to :limit
SELECT record_id, tenant, action, idempotency_key, status, fence, version, owner,
       failure_code, failure_message, result_codec, octet_length(result) AS result_bytes,
       lease_until, created_at, updated_at, expires_at, updated_at AS since, 0 AS live
FROM tg_idempotency
WHERE result_unavailable
  AND updated_at <= statement_timestamp() - CAST(:olderThan AS bigint) * INTERVAL '1 millisecond'
  AND (CAST(:tenant AS text) IS NULL OR tenant = :tenant)
  AND (CAST(:action AS text) IS NULL OR action = :action)
ORDER BY updated_at, record_id
LIMIT :limit
