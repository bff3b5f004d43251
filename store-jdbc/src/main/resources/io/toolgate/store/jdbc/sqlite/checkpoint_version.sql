-- Purpose:    gives the record the version that its new mark names; second half of a transaction, of which checkpoint.sql is
--             the first. PostgreSQL does both in one statement
-- Parameters: :id, :token, :now
-- Index:      tg_idempotency_record_id
-- Isolation:  in the transaction of checkpoint.sql, which has checked token and status
-- Rows:       1, always
-- Durability: synchronous=FULL, which every connection of the store has
UPDATE tg_idempotency
SET version = version + 1,
    updated_at = CASE status WHEN 'IN_DOUBT' THEN updated_at ELSE :now END
WHERE record_id = :id
  AND claim_token = :token
RETURNING status, version, :now AS at
