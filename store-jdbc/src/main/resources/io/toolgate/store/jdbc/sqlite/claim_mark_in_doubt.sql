-- Purpose:    puts a record in doubt whose owner's lease ended; the compare-and-set of a decision made on the row as read.
--             Token and fence stay, so that the late truth of that owner is still accepted
-- Parameters: :failureCode, :failureMessage, :id, :seenToken, :seenVersion, :now
-- Index:      tg_idempotency_record_id
-- Isolation:  one autocommitted write; SQLite has one writer at a time
-- Rows:       1: in doubt now
--             0: the record moved since it was read, or its lease was renewed: read it and decide again
--             more: never
-- Durability: synchronous=FULL, which every connection of the store has
UPDATE tg_idempotency
SET status = 'IN_DOUBT',
    version = version + 1,
    failure_code = :failureCode,
    failure_message = :failureMessage,
    updated_at = :now
WHERE record_id = :id
  AND claim_token = :seenToken
  AND status = 'IN_PROGRESS'
  AND version = :seenVersion
  AND lease_until <= :now
RETURNING version, updated_at
