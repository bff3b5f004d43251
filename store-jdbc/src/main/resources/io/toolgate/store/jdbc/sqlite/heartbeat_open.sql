-- Purpose:    renews leases whose records a caller's open transaction may be completing
-- Parameters: :lease (milliseconds), :leases (a JSON array of [id, token], both in hexadecimal), :now
-- Index:      tg_idempotency_record_id
-- Isolation:  autocommit. SQLite has one writer at a time, so it waits for that transaction like every other write
-- Rows:       one for each lease that still owns its record, or has completed it (lease_until then stays as it is); a
--             lease without a row is lost
-- Durability: synchronous=FULL, set on every connection of the store
UPDATE tg_idempotency
SET lease_until = CASE status WHEN 'IN_PROGRESS' THEN :now + :lease ELSE lease_until END
FROM (SELECT unhex(value ->> 0) AS id, unhex(value ->> 1) AS token FROM json_each(:leases)) AS mine
WHERE record_id = mine.id
  AND claim_token = mine.token
  AND status IN ('IN_PROGRESS', 'COMPLETED')
RETURNING record_id, claim_token
