-- Purpose:    stores the result of a run, or the reason why a run that is done has none to show
-- Parameters: :result, :resultCodec, :failureCode, :failureMessage, :id, :token, :expected (status), :now
-- Index:      tg_idempotency_record_id
-- Isolation:  one autocommitted write; SQLite has one writer at a time.
--             The token says who may: the clock is not asked, only noted
-- Rows:       1: done
--             0: not the owner any more, or not in the expected status: read the record and decide again
--             more: never
-- Durability: synchronous=FULL, which every connection of the store has
UPDATE tg_idempotency
SET status = 'COMPLETED',
    version = version + 1,
    result = :result,
    result_codec = :resultCodec,
    failure_code = :failureCode,
    failure_message = :failureMessage,
    updated_at = :now
WHERE record_id = :id
  AND claim_token = :token
  AND status = :expected
RETURNING version, updated_at
