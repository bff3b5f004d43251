-- Purpose:    moves a record as an operator decided, under a new token. Second half of a transaction; resolve.sql is
--             the first. On PostgreSQL one statement does both
-- Parameters: :status, :life, :attempt, :refusals, :providerKeyNumber, :token, :result, :resultCodec, :failureCode,
--             :failureMessage, :id, :now
-- Index:      tg_idempotency_record_id
-- Isolation:  in the transaction of resolve.sql, which has checked the condition
-- Rows:       1, always
-- Durability: synchronous=FULL, set on every connection of the store
UPDATE tg_idempotency
SET status = :status,
    version = version + 1,
    life = :life,
    attempt = :attempt,
    refusals = :refusals,
    provider_key_number = :providerKeyNumber,
    claim_token = :token,
    result = :result,
    result_codec = :resultCodec,
    failure_code = :failureCode,
    failure_message = :failureMessage,
    updated_at = :now
WHERE record_id = :id
RETURNING version, updated_at
