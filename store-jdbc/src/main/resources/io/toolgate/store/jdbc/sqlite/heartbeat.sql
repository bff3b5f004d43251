-- Purpose:    renews many leases with one statement
-- Parameters: :lease (milliseconds), :leases (a JSON array of [id, token], both in hexadecimal), :now
-- Index:      tg_idempotency_record_id
-- Isolation:  autocommit
-- Rows:       one for each lease that still owns its record; a lease without a row is lost
-- Durability: synchronous=FULL, set on every connection of the store
UPDATE tg_idempotency
SET lease_until = :now + :lease
FROM (SELECT unhex(value ->> 0) AS id, unhex(value ->> 1) AS token FROM json_each(:leases)) AS mine
WHERE record_id = mine.id
  AND claim_token = mine.token
  AND status = 'IN_PROGRESS'
RETURNING record_id, claim_token
