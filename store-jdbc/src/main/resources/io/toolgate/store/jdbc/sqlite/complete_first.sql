-- Purpose:    complete.sql for the first run of a key, if it left no mark. Its version is known, so no row is given back,
--             and SQLite need not build a table in memory for RETURNING
-- Parameters: :result, :resultCodec, :failureCode, :failureMessage, :id, :token, :expected (status), :now
-- Index:      tg_idempotency_record_id
-- Isolation:  one autocommitted write; SQLite has one writer at a time.
--             The token says who may: the clock is not asked, only noted
-- Rows:       none is returned. Written:
--             1: done
--             0: complete.sql knows why
--             more: never
-- Durability: synchronous=FULL, which every connection of the store has
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
