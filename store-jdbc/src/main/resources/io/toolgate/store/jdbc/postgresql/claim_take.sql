-- Purpose:    takes a record over: the compare-and-set of a decision that was made on the row as it was read
-- Parameters: :token, :owner, :lease, :fingerprint, :restart (retention is over, the record begins anew), :retention,
--             :id, :seenToken, :seenStatus, :seenVersion (durations in microseconds)
-- Index:      tg_idempotency_pkey
-- Isolation:  READ COMMITTED, autocommit. Where it waits for another transaction's row lock, PostgreSQL checks the
--             condition again on the row that transaction left
-- Rows:       1: taken
--             0: the record moved since it was read, or its lease was renewed (a heartbeat leaves the version alone, so
--             the lease is asked for again here, by the server's clock): read it and decide again
--             more: never
-- Durability: forced_sync makes this very commit synchronous where role, database or session say otherwise
UPDATE tg_idempotency
SET status = 'IN_PROGRESS',
    fence = fence + 1,
    version = version + 1,
    claim_token = :token,
    owner = :owner,
    lease_until = statement_timestamp() + :lease * INTERVAL '1 microsecond',
    fingerprint = :fingerprint,
    result = NULL,
    result_codec = NULL,
    failure_code = NULL,
    failure_message = NULL,
    created_at = CASE WHEN :restart THEN statement_timestamp() ELSE created_at END,
    updated_at = statement_timestamp(),
    expires_at = statement_timestamp() + :retention * INTERVAL '1 microsecond'
WHERE record_id = :id
  AND claim_token = :seenToken
  AND status = :seenStatus
  AND version = :seenVersion
  AND (status <> 'IN_PROGRESS' OR lease_until <= statement_timestamp())
RETURNING version,
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
         THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
