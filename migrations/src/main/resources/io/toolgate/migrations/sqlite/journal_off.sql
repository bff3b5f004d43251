-- Switches the journal off, for SQLite 3.37 and newer: transitions no longer write to tg_idempotency_journal. Existing
-- rows stay. From now on a purge also deletes decisions past forget_at. By hand, all or nothing:
--
--     sqlite3 -bail store.db 'BEGIN IMMEDIATE' '.read journal_off.sql' 'COMMIT'
--
-- May be run again. Processes may keep running.


-- The trigger of first claims.
DROP TRIGGER IF EXISTS tg_idempotency_journal_insert;


-- The trigger of all later transitions.
DROP TRIGGER IF EXISTS tg_idempotency_journal_update;
