-- Purpose:    ends a run without a result: rejected, released for a retry, or in doubt
-- Parameters: :status, :failureCode, :failureMessage, :id, :token, :expected (status), :now
-- Index:      tg_idempotency_record_id
-- Isolation:  one autocommitted write; SQLite has one writer at a time.
--             The token says who may: the clock is not asked, only noted
-- Rows:       1: done
--             0: not the owner any more, or not in the expected status: read the record and decide again
--             more: never
-- Durability: synchronous=FULL, which every connection of the store has
UPDATE tg_idempotency
SET status = :status,
    version = version + 1,
    failure_code = :failureCode,
    failure_message = :failureMessage,
    updated_at = :now
WHERE record_id = :id
  AND claim_token = :token
  AND status = :expected
RETURNING version, updated_at
