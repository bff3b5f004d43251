-- Drops ToolGate's tables and functions, with every record. PostgreSQL 14 to 18. Run as their owner, with their schema
-- in search_path:
--
--     psql -f uninstall.sql
--
-- Stop every service that uses the store first. This drops the results of completed actions: a retry that arrives
-- afterwards runs its action, and pays, again. It drops the record of who decided what, too. Take a dump if in doubt.
--
-- One statement, so that it drops everything or nothing, whatever options the client has.
-- Locks: all of ToolGate's tables, exclusively, until it ends; gives up after two seconds of waiting for that.
DO $$
DECLARE
    home text;
    unfinished bigint;
BEGIN
    SELECT n.nspname INTO home
        FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.oid = to_regclass('tg_store_info');
    IF home IS NULL THEN
        RAISE EXCEPTION 'ToolGate: no schema of search_path "%" holds tg_store_info', current_setting('search_path')
            USING HINT = 'Name the schema in search_path. Nothing was changed.';
    END IF;
    PERFORM set_config('lock_timeout', '2s', true);
    EXECUTE format('LOCK TABLE %1$I.tg_idempotency, %1$I.tg_idempotency_checkpoint, %1$I.tg_idempotency_history,'
        || ' %1$I.tg_idempotency_journal, %1$I.tg_idempotency_counts, %1$I.tg_store_info'
        || ' IN ACCESS EXCLUSIVE MODE', home);
    EXECUTE format('SELECT count(*) FROM %I.tg_idempotency WHERE status IN (''IN_PROGRESS'', ''IN_DOUBT'')', home)
        INTO unfinished;
    IF unfinished > 0 THEN
        RAISE EXCEPTION 'ToolGate: % records are in progress or in doubt', unfinished
            USING HINT = 'Let them end, or resolve them, then run this again. Nothing was changed.';
    END IF;
    EXECUTE format('DROP TABLE %1$I.tg_idempotency, %1$I.tg_idempotency_checkpoint, %1$I.tg_idempotency_history,'
        || ' %1$I.tg_idempotency_journal, %1$I.tg_idempotency_counts, %1$I.tg_store_info', home);
    EXECUTE format('DROP FUNCTION IF EXISTS %I.tg_idempotency_journal()', home);
    EXECUTE format('DROP FUNCTION %I.tg_record_id(text, text, text)', home);
    EXECUTE format('DROP TABLE IF EXISTS %I.tg_schema_history', home);
END
$$;
