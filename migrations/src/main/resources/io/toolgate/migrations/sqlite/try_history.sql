-- Purpose:    creates the migration history, to be rolled back: fails as Flyway's creation of it would fail, which Flyway
--             repeats for ten seconds. Does nothing if there is one
-- Parameters: none
-- Index:      none; sqlite_schema is small
-- Isolation:  any; takes the lock of a writer where there is no history, for a moment
-- Rows:       none
CREATE TABLE IF NOT EXISTS tg_schema_history (installed_rank INTEGER)
