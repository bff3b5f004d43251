-- Purpose:    tells whether transitions write to the journal
-- Parameters: none
-- Index:      pg_trigger, by table
-- Isolation:  any
-- Rows:       1, always
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_trigger
    WHERE tgrelid = to_regclass('tg_idempotency') AND tgname = 'tg_idempotency_journal_update' AND tgenabled <> 'D')
