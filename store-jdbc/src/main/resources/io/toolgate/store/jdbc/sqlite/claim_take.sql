-- Purpose:    takes a record over: the compare-and-set of a decision that was made on the row as it was read
-- Parameters: :token, :owner, :lease, :fingerprint, :restart (retention is over, the record begins anew), :retention,
--             :id, :seenToken, :seenStatus, :seenVersion, :now (milliseconds)
-- Index:      tg_idempotency_record_id
-- Isolation:  one autocommitted write; SQLite has one writer at a time
-- Rows:       1: taken
--             0: the record moved since it was read, or its lease was renewed (a heartbeat leaves the version alone, so
--             the lease is asked for again here, by the host's clock): read it and decide again
--             more: never
-- Durability: synchronous=FULL, which every connection of the store has
UPDATE tg_idempotency
SET status = 'IN_PROGRESS',
    fence = fence + 1,
    version = version + 1,
    claim_token = :token,
    owner = :owner,
    lease_until = :now + :lease,
    fingerprint = :fingerprint,
    result = NULL,
    result_codec = NULL,
    failure_code = NULL,
    failure_message = NULL,
    created_at = CASE WHEN :restart THEN :now ELSE created_at END,
    updated_at = :now,
    expires_at = :now + :retention
WHERE record_id = :id
  AND claim_token = :seenToken
  AND status = :seenStatus
  AND version = :seenVersion
  AND (status <> 'IN_PROGRESS' OR lease_until <= :now)
RETURNING version
