-- Purpose:    reads a part of the table, for records whose effect is unknown: in doubt, or in progress with an expired
--             lease. Also returns where the next part begins
-- Parameters: :to (the first rowid after this part), :from (its first rowid), :olderThan (milliseconds), :now
-- Index:      the rowid. An index of its own would make each heartbeat and completion more expensive
-- Isolation:  one snapshot of the WAL; takes no lock that a writer waits for. A row keeps its rowid, so a walk over
--             all parts meets each record
-- Rows:       at least 1. next is NULL in the last part; the other columns are NULL if the part holds no such record
SELECT part.next, false AS inserted, :now AS read_at,
       record_id, tenant, action, idempotency_key, status, fence, version, life, attempt, refusals, provider_key_number,
       claim_token, owner, lease_until, fingerprint, stores_rows, result, result_codec, failure_code, failure_message,
       created_at, updated_at, expires_at
FROM (SELECT min(rowid) AS next FROM tg_idempotency WHERE rowid >= :to) AS part
LEFT JOIN tg_idempotency AS t
    ON t.rowid >= :from
   AND t.rowid < :to
   AND (   (status = 'IN_DOUBT' AND updated_at <= :now - :olderThan)
        OR (status = 'IN_PROGRESS' AND lease_until <= :now - :olderThan))
