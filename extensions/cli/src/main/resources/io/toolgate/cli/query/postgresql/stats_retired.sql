-- Purpose:    keys whose new record began within 60 s of the retirement of the one before, by action
-- Parameters: none
-- Index:      tg_idempotency_history_pkey, tg_idempotency_pkey; the history is read as a whole
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       one for each action, in order
SELECT h.action, count(*) AS rapid
FROM tg_idempotency_history AS h
WHERE h.decision = 'RETIRED'
  AND (EXISTS (SELECT 1
               FROM tg_idempotency AS t
               WHERE t.record_id = h.record_id
                 AND t.version > h.version
                 AND t.created_at >= h.decided_at
                 AND t.created_at < h.decided_at + INTERVAL '60 seconds')
    OR EXISTS (SELECT 1
               FROM tg_idempotency_history AS later
               WHERE later.record_id = h.record_id
                 AND later.version > h.version
                 AND later.created_at >= h.decided_at
                 AND later.created_at < h.decided_at + INTERVAL '60 seconds'))
GROUP BY h.action
ORDER BY h.action
