-- Purpose:    puts a record in doubt whose owner's lease ended; the compare-and-set of a decision made on the row as read.
--             Token and fence stay, so that the late truth of that owner is still accepted
-- Parameters: :failureCode, :failureMessage, :id, :seenToken, :seenVersion
-- Index:      tg_idempotency_pkey
-- Isolation:  READ COMMITTED, autocommit. Where it waits for another transaction's row lock, PostgreSQL checks the
--             condition again on the row that transaction left
-- Rows:       1: in doubt now
--             0: the record moved since it was read, or its lease was renewed: read it and decide again
--             more: never
-- Durability: forced_sync makes this very commit synchronous where role, database or session say otherwise
UPDATE tg_idempotency
SET status = 'IN_DOUBT',
    version = version + 1,
    failure_code = :failureCode,
    failure_message = :failureMessage,
    updated_at = statement_timestamp()
WHERE record_id = :id
  AND claim_token = :seenToken
  AND status = 'IN_PROGRESS'
  AND version = :seenVersion
  AND lease_until <= statement_timestamp()
RETURNING version, updated_at,
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
         THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
