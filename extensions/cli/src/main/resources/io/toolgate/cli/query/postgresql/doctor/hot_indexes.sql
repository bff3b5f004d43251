-- Purpose:    indexes on columns that heartbeats and completions write, which rule out HOT updates
-- Parameters: none
-- Index:      pg_index, by table
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(i.indexrelid::regclass::text) AS example
FROM pg_catalog.pg_index AS i
WHERE i.indrelid = to_regclass('tg_idempotency')
  AND EXISTS (SELECT 1
              FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = i.indrelid
                AND a.attnum = ANY (i.indkey)
                AND a.attname IN ('status', 'version', 'fence', 'claim_token', 'owner', 'lease_until', 'result',
                                  'result_codec', 'failure_code', 'failure_message', 'updated_at'))
