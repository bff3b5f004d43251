-- Purpose:    renews many leases in one round trip
-- Parameters: :lease (milliseconds), :leases (a JSON array of [id, token] in hexadecimal), :now
-- Index:      tg_idempotency_record_id
-- Isolation:  one autocommitted write; SQLite has one writer at a time
-- Rows:       one for each lease that still owns its record. The others are lost
-- Durability: synchronous=FULL, which every connection of the store has
UPDATE tg_idempotency
SET lease_until = :now + :lease
FROM (SELECT unhex(value ->> 0) AS id, unhex(value ->> 1) AS token FROM json_each(:leases)) AS mine
WHERE record_id = mine.id
  AND claim_token = mine.token
  AND status = 'IN_PROGRESS'
RETURNING record_id, claim_token
