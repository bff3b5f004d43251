-- Purpose:    tells whether the transaction that completed a record still stands, after rows were written in it
-- Parameters: :id, :token, :version
-- Index:      tg_idempotency_record_id
-- Isolation:  in the transaction of complete.sql or resolve.sql, which holds the write lock
-- Rows:       1: it does, or was ended by a COMMIT in SQL, which SQLite does not tell apart
--             0: it was rolled back, in SQL or by SQLite after an error
--             more: never
SELECT version
FROM tg_idempotency
WHERE record_id = :id
  AND claim_token = :token
  AND version = :version
  AND status = 'COMPLETED'
