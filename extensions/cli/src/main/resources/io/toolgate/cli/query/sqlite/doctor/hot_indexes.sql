-- Purpose:    indexes on columns that heartbeats and completions write: each is one more page in every commit
-- Parameters: none
-- Index:      none
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(DISTINCT i.name) AS found, min(i.name) AS example
FROM pragma_index_list('tg_idempotency') AS i
JOIN pragma_index_info(i.name) AS c
WHERE c.name IN ('status', 'version', 'fence', 'claim_token', 'owner', 'lease_until', 'result', 'result_codec',
                 'failure_code', 'failure_message', 'updated_at')
