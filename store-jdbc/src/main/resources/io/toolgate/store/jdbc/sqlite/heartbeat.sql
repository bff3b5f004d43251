-- Purpose:    renews many leases with one statement
-- Parameters: :lease (milliseconds), :leases (a JSON array of [id, token, writer], the first two in hexadecimal; a
--             writer is empty unless a transaction with rows may be completing the record), :now
-- Index:      tg_idempotency_record_id
-- Isolation:  autocommit. SQLite has one writer at a time and no locks on records, so that it waits for a caller's open
--             transaction like every other write, and skips nothing
-- Rows:       one for each lease that still owns its record, or has completed it in a caller's transaction (lease_until
--             then stays as it is); skipped is always 0. A lease without a row is lost
-- Durability: synchronous=FULL, set on every connection of the store
UPDATE tg_idempotency
SET lease_until = CASE status WHEN 'IN_PROGRESS' THEN :now + :lease ELSE lease_until END
FROM (SELECT unhex(value ->> 0) AS id, unhex(value ->> 1) AS token, value ->> 2 AS writer
      FROM json_each(:leases)) AS mine
WHERE record_id = mine.id
  AND claim_token = mine.token
  AND (status = 'IN_PROGRESS' OR (status = 'COMPLETED' AND mine.writer <> ''))
RETURNING record_id, claim_token, 0 AS skipped
