-- Purpose:    ends a run without a result: rejected, released for a retry, or in doubt
-- Parameters: :status, :failureCode, :failureMessage, :id, :token, :expected (status), :now
-- Index:      tg_idempotency_record_id
-- Isolation:  autocommit. SQLite has one writer at a time, so the condition is checked on the state that is written
--             to. The token decides who may write; the clock is recorded, not checked
-- Rows:       1: ended
--             0: the token does not own the record any more, or the record is not in the expected status: the caller
--                reads the record and decides again
--             more: never
-- Durability: synchronous=FULL, set on every connection of the store
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
