-- Purpose:    renews leases whose records a transaction of a caller's may just be completing
-- Parameters: :lease (milliseconds), :leases (a JSON array of [id, token] in hexadecimal), :now
-- Index:      tg_idempotency_record_id
-- Isolation:  one autocommitted write; SQLite has one writer at a time, so it waits for that transaction like everybody else
-- Rows:       one for each lease that still owns its record, or completed it (which is left as it is). The others are lost
-- Durability: synchronous=FULL, which every connection of the store has
UPDATE tg_idempotency
SET lease_until = CASE status WHEN 'IN_PROGRESS' THEN :now + :lease ELSE lease_until END
FROM (SELECT unhex(value ->> 0) AS id, unhex(value ->> 1) AS token FROM json_each(:leases)) AS mine
WHERE record_id = mine.id
  AND claim_token = mine.token
  AND status IN ('IN_PROGRESS', 'COMPLETED')
RETURNING record_id, claim_token
