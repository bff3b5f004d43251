-- Purpose:    complete.sql for the first run of a key without checkpoints. Its version is known, so it needs no
--             RETURNING, for which SQLite builds a temporary table
-- Parameters: :result, :resultCodec, :failureCode, :failureMessage, :id, :token, :expected (status), :now
-- Index:      tg_idempotency_record_id
-- Isolation:  autocommit. SQLite has one writer at a time, so the condition is checked on the state that is written
--             to. The token decides who may write; the clock is recorded, not checked
-- Rows:       none is returned. Rows written:
--             1: completed
--             0: not the first run, or a condition failed: the caller runs complete.sql
--             more: never
-- Durability: synchronous=FULL, set on every connection of the store
UPDATE tg_idempotency
SET status = 'COMPLETED',
    version = 2,
    result = :result,
    result_codec = :resultCodec,
    failure_code = :failureCode,
    failure_message = :failureMessage,
    updated_at = :now
WHERE record_id = :id
  AND claim_token = :token
  AND status = :expected
  AND version = 1
