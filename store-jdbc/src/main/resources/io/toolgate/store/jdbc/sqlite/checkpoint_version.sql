-- Purpose:    advances the record to the version that its new checkpoint names. Second half of a transaction;
--             checkpoint.sql is the first. On PostgreSQL one statement does both
-- Parameters: :id, :token, :now
-- Index:      tg_idempotency_record_id
-- Isolation:  in the transaction of checkpoint.sql, which has checked token and status
-- Rows:       1, always
-- Durability: synchronous=FULL, set on every connection of the store
UPDATE tg_idempotency
SET version = version + 1,
    updated_at = CASE status WHEN 'IN_DOUBT' THEN updated_at ELSE :now END
WHERE record_id = :id
  AND claim_token = :token
RETURNING status, version, :now AS at
