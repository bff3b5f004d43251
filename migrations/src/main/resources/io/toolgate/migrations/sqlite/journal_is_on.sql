-- Purpose:    tells whether transitions write to the journal
-- Parameters: none
-- Index:      none; sqlite_schema is small
-- Isolation:  any
-- Rows:       1, always
SELECT EXISTS (
    SELECT 1 FROM main.sqlite_schema WHERE type = 'trigger' AND name = 'tg_idempotency_journal_update')
