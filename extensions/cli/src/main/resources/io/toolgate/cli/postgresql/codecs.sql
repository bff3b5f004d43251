-- Purpose:    by which codecs the results of an action are encoded
-- Parameters: :action
-- Index:      none: the whole table is read
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
-- Rows:       0 to 20
SELECT result_codec AS codec, count(*) AS results
FROM tg_idempotency
WHERE action = :action
  AND status = 'COMPLETED'
  AND result_codec IS NOT NULL
GROUP BY result_codec
ORDER BY count(*) DESC
LIMIT 20
