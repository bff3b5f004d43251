-- Purpose:    marks a record IN_DOUBT because its owner's lease has expired: the compare-and-set of a decision made on
--             the row as read. Token and fence stay, so that a late result of that owner is still accepted
-- Parameters: :failureCode, :failureMessage, :id, :seenToken, :seenVersion, :now
-- Index:      tg_idempotency_record_id
-- Isolation:  autocommit. SQLite has one writer at a time, so the condition is checked on the state that is written to
-- Rows:       1: in doubt
--             0: the record changed since it was read, or its lease was renewed: the caller reads the record and
--                decides again
--             more: never
-- Durability: synchronous=FULL, set on every connection of the store
UPDATE tg_idempotency
SET status = 'IN_DOUBT',
    version = version + 1,
    refusals = 0,
    failure_code = :failureCode,
    failure_message = :failureMessage,
    updated_at = :now
WHERE record_id = :id
  AND claim_token = :seenToken
  AND status = 'IN_PROGRESS'
  AND version = :seenVersion
  AND lease_until <= :now
RETURNING version, updated_at
