-- Purpose:    walks over a part of the table, for records whose effect nobody knows: in doubt, or in progress under an ended
--             lease; and tells where the next part begins
-- Parameters: :to (the first block after this part), :from (its first block), :olderThan (microseconds)
-- Index:      none, on purpose: a scan of the blocks from :from to :to. An index for it would make heartbeats and
--             completions dearer
-- Isolation:  any level; a plain read, no lock. A row that is updated while a walk goes on may move to a block that the walk
--             has passed, and is found by the next one
-- Rows:       at least 1: next is NULL in the last part; the other columns are NULL if the part holds no such record
SELECT CASE WHEN :to < part.blocks THEN :to END AS next, false AS inserted, statement_timestamp() AS read_at,
       record_id, tenant, action, idempotency_key, status, fence, version, claim_token, owner, lease_until, fingerprint,
       result, result_codec, failure_code, failure_message, created_at, updated_at, expires_at
FROM (SELECT pg_relation_size(to_regclass('tg_idempotency')) / CAST(current_setting('block_size') AS bigint) AS blocks)
    AS part
LEFT JOIN tg_idempotency AS t
    ON t.ctid >= CAST(format('(%s,0)', CAST(:from AS bigint)) AS tid)
   AND t.ctid < CAST(format('(%s,0)', CAST(:to AS bigint)) AS tid)
   AND (   (status = 'IN_DOUBT' AND updated_at <= statement_timestamp() - :olderThan * INTERVAL '1 microsecond')
        OR (status = 'IN_PROGRESS' AND lease_until <= statement_timestamp() - :olderThan * INTERVAL '1 microsecond'))
