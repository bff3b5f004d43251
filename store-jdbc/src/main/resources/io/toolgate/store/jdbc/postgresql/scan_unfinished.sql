-- Purpose:    reads a part of the table, for records whose effect is unknown: in doubt, or in progress with an expired
--             lease. Also returns where the next part begins
-- Parameters: :to (the first block after this part), :from (its first block), :olderThan (microseconds)
-- Index:      none, on purpose: a TID range scan of the blocks from :from to :to. An index of its own would make each
--             heartbeat and completion more expensive
-- Isolation:  any level; a plain read, no lock. Race: a row that is updated during a walk may move to a block that the
--             walk has passed; the next walk finds it
-- Rows:       at least 1. next is NULL in the last part; the other columns are NULL if the part holds no such record
SELECT CASE WHEN :to < part.blocks THEN :to END AS next, false AS inserted, statement_timestamp() AS read_at,
       record_id, tenant, action, idempotency_key, status, fence, version, life, attempt, refusals, provider_key_number,
       claim_token, owner, lease_until, fingerprint, stores_rows, result, result_codec, failure_code, failure_message,
       created_at, updated_at, expires_at
FROM (SELECT pg_relation_size(to_regclass('tg_idempotency')) / CAST(current_setting('block_size') AS bigint) AS blocks)
    AS part
LEFT JOIN tg_idempotency AS t
    ON t.ctid >= CAST(format('(%s,0)', CAST(:from AS bigint)) AS tid)
   AND t.ctid < CAST(format('(%s,0)', CAST(:to AS bigint)) AS tid)
   AND (   (status = 'IN_DOUBT' AND updated_at <= statement_timestamp() - :olderThan * INTERVAL '1 microsecond')
        OR (status = 'IN_PROGRESS' AND lease_until <= statement_timestamp() - :olderThan * INTERVAL '1 microsecond'))
