-- Purpose:    states of records by action; rapid are those whose key ran again within 60 s of the present record's first
--             claim
-- Parameters: :quarantined (the code)
-- Index:      none: the whole table is read
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       one for each action, in order
SELECT action,
       count(*) AS records,
       sum(CASE WHEN status = 'IN_PROGRESS' AND lease_until > statement_timestamp() THEN 1 ELSE 0 END) AS in_progress,
       sum(CASE WHEN status = 'IN_PROGRESS' AND lease_until <= statement_timestamp() THEN 1 ELSE 0 END) AS expired_leases,
       sum(CASE WHEN status = 'IN_DOUBT' THEN 1 ELSE 0 END) AS in_doubt,
       sum(CASE WHEN status = 'IN_DOUBT' AND failure_code = :quarantined THEN 1 ELSE 0 END) AS quarantined,
       sum(CASE WHEN status = 'COMPLETED' THEN 1 ELSE 0 END) AS completed,
       sum(CASE WHEN status = 'COMPLETED' AND failure_code IS NOT NULL THEN 1 ELSE 0 END) AS unavailable,
       sum(CASE WHEN status = 'REJECTED' THEN 1 ELSE 0 END) AS rejected,
       sum(CASE WHEN status = 'RETRYABLE' THEN 1 ELSE 0 END) AS retryable,
       min(CASE WHEN status = 'IN_DOUBT' THEN updated_at END) AS oldest_doubt,
       sum(CASE WHEN fence > 1 AND updated_at - created_at < INTERVAL '60 seconds'
                 AND fence > 1 + coalesce((SELECT max(h.fence)
                                           FROM tg_idempotency_history AS h
                                           WHERE h.record_id = t.record_id
                                             AND h.decision = 'RETIRED'), 0)
                THEN 1 ELSE 0 END) AS rapid
FROM tg_idempotency AS t
GROUP BY action
ORDER BY action
