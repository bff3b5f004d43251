-- Switches the journal off, for PostgreSQL 14 to 18: transitions no longer write to tg_idempotency_journal. Existing
-- rows stay. From now on a purge also deletes decisions past forget_at. Run as the role that owns the tables, with
-- their schema in search_path:
--
--     psql -v ON_ERROR_STOP=1 -1 -f journal_off.sql
--
-- May be run again. Services may keep running. Locks: tg_idempotency, exclusively, for an instant, after running
-- transactions on it have ended. Because other statements queue behind that wait, it gives up after two seconds; then
-- run it again.
SET LOCAL lock_timeout = '2s';


-- Drops the two triggers and their function if they exist.
-- Locks: tg_idempotency, ACCESS EXCLUSIVE, until the transaction ends.
DO $$
DECLARE
    home text;
BEGIN
    SELECT n.nspname INTO home
        FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.oid = to_regclass('tg_idempotency');
    IF home IS NULL THEN
        RAISE EXCEPTION 'ToolGate: no schema of search_path "%" holds tg_idempotency', current_setting('search_path')
            USING HINT = 'Name the schema in search_path. Nothing was changed.';
    END IF;
    IF EXISTS (
        SELECT FROM pg_catalog.pg_trigger
        WHERE tgrelid = to_regclass('tg_idempotency')
            AND tgname IN ('tg_idempotency_journal_insert', 'tg_idempotency_journal_update'))
    THEN
        EXECUTE format('DROP TRIGGER IF EXISTS tg_idempotency_journal_insert ON %I.tg_idempotency', home);
        EXECUTE format('DROP TRIGGER IF EXISTS tg_idempotency_journal_update ON %I.tg_idempotency', home);
    END IF;
    EXECUTE format('DROP FUNCTION IF EXISTS %I.tg_idempotency_journal()', home);
END
$$;
