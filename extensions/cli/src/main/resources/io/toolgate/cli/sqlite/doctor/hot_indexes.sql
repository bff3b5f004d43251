-- Purpose:    indexes on columns that heartbeats and completions write: each is one more page a commit
-- Parameters: none
-- Index:      none
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(DISTINCT i.name) AS found, min(i.name) AS example
FROM pragma_index_list('tg_idempotency') AS i
JOIN pragma_index_info(i.name) AS c
WHERE c.name IN ('status', 'version', 'fence', 'claim_token', 'owner', 'lease_until', 'result', 'result_codec',
                 'failure_code', 'failure_message', 'updated_at')
