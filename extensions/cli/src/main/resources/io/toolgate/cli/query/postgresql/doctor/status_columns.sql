-- Purpose:    records whose result or failure does not fit their status
-- Parameters: none
-- Index:      none: the whole table is read
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(t.record_id::text) AS example
FROM tg_idempotency AS t
WHERE NOT CASE status
        WHEN 'IN_PROGRESS' THEN result IS NULL AND result_codec IS NULL AND failure_code IS NULL
        WHEN 'COMPLETED' THEN
            (result_codec IS NOT NULL AND failure_code IS NULL)
            OR (result_codec IS NULL AND result IS NULL AND failure_code IS NOT NULL)
        WHEN 'REJECTED' THEN failure_code IS NOT NULL AND result IS NULL AND result_codec IS NULL
        WHEN 'RETRYABLE' THEN failure_code IS NOT NULL AND result IS NULL AND result_codec IS NULL
        WHEN 'IN_DOUBT' THEN failure_code IS NOT NULL AND result IS NULL AND result_codec IS NULL
        ELSE 1 = 0
    END
   OR (failure_message IS NOT NULL AND failure_code IS NULL)
   OR result_unavailable <> (status = 'COMPLETED' AND failure_code IS NOT NULL)
