-- Purpose:    the latest checkpoint of each name that the present record has; values only of a probe's answer
-- Parameters: :id (32 hexadecimal digits), :probe (the name of the checkpoint with the answer)
-- Index:      tg_idempotency_checkpoint_pkey, tg_idempotency_pkey
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       0 or more, in order of their versions
SELECT c.name, c.codec, octet_length(c.data) AS data_bytes,
       CASE WHEN c.name = :probe AND c.codec = 'text/1' THEN c.data END AS answer,
       c.fence, c.version, c.written_at
FROM tg_idempotency_checkpoint AS c
JOIN tg_idempotency AS t ON t.record_id = c.record_id AND t.life = c.life AND t.created_at = c.record_created_at
WHERE c.record_id = CAST(:id AS uuid)
ORDER BY c.version
