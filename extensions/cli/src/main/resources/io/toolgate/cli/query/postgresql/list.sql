-- Purpose:    records in a state, oldest first: those in progress by the end of an expired lease, or by the time of their
--             claim; the others by the time when they entered the state
-- Parameters: :state, :olderThan (milliseconds), :tenant (NULL: any), :action (NULL: any), :limit,
--             :quarantined (the code)
-- Index:      none: the whole table is read
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       0 to :limit
SELECT record_id, tenant, action, idempotency_key, status, fence, version, owner,
       failure_code, failure_message, result_codec, octet_length(result) AS result_bytes,
       lease_until, created_at, updated_at,
       expires_at, since, live
FROM (
    SELECT tg_idempotency.*,
           (status = 'IN_PROGRESS' AND lease_until > statement_timestamp())::int AS live,
           CASE WHEN status = 'IN_PROGRESS' AND lease_until <= statement_timestamp()
                THEN lease_until
                ELSE updated_at
           END AS since
    FROM tg_idempotency
) AS aged
WHERE CASE CAST(:state AS text)
          WHEN 'in-doubt' THEN status = 'IN_DOUBT'
          WHEN 'quarantined' THEN status = 'IN_DOUBT' AND failure_code = :quarantined
          WHEN 'in-progress' THEN status = 'IN_PROGRESS'
          WHEN 'expired' THEN status = 'IN_PROGRESS' AND live = 0
          WHEN 'completed' THEN status = 'COMPLETED'
          WHEN 'rejected' THEN status = 'REJECTED'
          WHEN 'retryable' THEN status = 'RETRYABLE'
          ELSE 1 = 0
      END
  AND since <= statement_timestamp() - CAST(:olderThan AS bigint) * INTERVAL '1 millisecond'
  AND (CAST(:tenant AS text) IS NULL OR tenant = :tenant)
  AND (CAST(:action AS text) IS NULL OR action = :action)
ORDER BY aged.since, aged.record_id
LIMIT :limit
