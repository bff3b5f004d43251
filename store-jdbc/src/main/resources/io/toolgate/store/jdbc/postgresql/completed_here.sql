-- Purpose:    tells whether the transaction that completed a record is still the one that is open, after rows were
--             written in it
-- Parameters: :id, :token, :version
-- Index:      tg_idempotency_pkey
-- Isolation:  in the transaction of complete.sql or resolve.sql, which holds the row's lock. A transaction that a
--             failed statement has aborted refuses this one (25P02)
-- Rows:       1: it is, and everything written since is committed with it
--             0: it was ended, by a ROLLBACK or a COMMIT in SQL: xmin is the transaction that wrote the row
--             more: never
SELECT version
FROM tg_idempotency
WHERE record_id = :id
  AND claim_token = :token
  AND version = :version
  AND status = 'COMPLETED'
  AND xmin = CAST(pg_current_xact_id() AS xid)
