-- Purpose:    marks a record IN_DOUBT because its owner's lease has expired: the compare-and-set of a decision made on
--             the row as read. Token and fence stay, so that a late result of that owner is still accepted
-- Parameters: :failureCode, :failureMessage, :id, :seenToken, :seenVersion
-- Index:      tg_idempotency_pkey
-- Isolation:  READ COMMITTED, autocommit. If it waits for another transaction's row lock, PostgreSQL checks the
--             condition again on the row version that transaction left
-- Rows:       1: in doubt
--             0: the record changed since it was read, or its lease was renewed: the caller reads the record and
--                decides again
--             more: never
-- Durability: forced_sync makes this commit synchronous even if the role, database or session set synchronous_commit
--             to off or local
UPDATE tg_idempotency
SET status = 'IN_DOUBT',
    version = version + 1,
    refusals = 0,
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
