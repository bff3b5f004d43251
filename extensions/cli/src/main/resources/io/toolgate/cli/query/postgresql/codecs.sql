-- Purpose:    the codecs of an action's results
-- Parameters: :action
-- Index:      none: the whole table is read
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       0 to 20
SELECT result_codec AS codec, count(*) AS results
FROM tg_idempotency
WHERE action = :action
  AND status = 'COMPLETED'
  AND result_codec IS NOT NULL
GROUP BY result_codec
ORDER BY count(*) DESC
LIMIT 20
