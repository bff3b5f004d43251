-- Purpose:    decisions that do not fit the record as it was, or are not older than the record is now
-- Parameters: none
-- Index:      tg_idempotency_pkey; the history is read as a whole
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(h.record_id::text) AS example
FROM tg_idempotency_history AS h
WHERE (h.decision = 'RETIRED' AND h.status NOT IN ('COMPLETED', 'REJECTED'))
   OR (h.decision <> 'RETIRED'
       AND h.status NOT IN ('IN_DOUBT', 'IN_PROGRESS')
       AND NOT (h.decision = 'COMPLETED' AND h.status = 'COMPLETED' AND h.failure_code IS NOT NULL))
   OR h.version < h.fence
   OR EXISTS (SELECT 1
              FROM tg_idempotency AS t
              WHERE t.record_id = h.record_id
                AND t.created_at = h.created_at
                AND t.version <= h.version)
