-- Switches the journal off, for SQLite 3.37 and newer: transitions leave no rows in tg_idempotency_journal any more. Those that
-- are there stay. From now on a purge also deletes decisions that may be forgotten. By hand, all or nothing:
--
--     sqlite3 -bail store.db 'BEGIN IMMEDIATE' '.read journal_off.sql' 'COMMIT'
--
-- May be run again. No process needs to be stopped.


-- The trigger of first claims.
DROP TRIGGER IF EXISTS tg_idempotency_journal_insert;


-- The trigger of all later transitions.
DROP TRIGGER IF EXISTS tg_idempotency_journal_update;
