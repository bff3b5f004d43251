-- Removes version 1, with every record. Run U2__history_and_journal.sql before it.
--
--     psql -v ON_ERROR_STOP=1 -1 -f U1__idempotency.sql
--
-- Stop every service that uses the store first. This drops the results of completed actions: a retry that arrives
-- afterwards runs its action, and pays, again. Take a dump of tg_idempotency if in doubt.
-- Locks: both tables, exclusively, until the transaction ends; gives up after two seconds of waiting for that.
SET LOCAL lock_timeout = '2s';

LOCK TABLE tg_idempotency, tg_store_info IN ACCESS EXCLUSIVE MODE;

-- Precondition: no record is in progress or in doubt.
DO $$
DECLARE
    unfinished bigint;
    installed integer;
BEGIN
    SELECT schema_version INTO installed FROM tg_store_info;
    IF installed <> 1 THEN
        RAISE EXCEPTION 'ToolGate: this script removes version 1, but the schema has version %', installed
            USING HINT = 'Run the newer rollback scripts first, newest first. Nothing was changed.';
    END IF;
    SELECT count(*) INTO unfinished FROM tg_idempotency WHERE status IN ('IN_PROGRESS', 'IN_DOUBT');
    IF unfinished > 0 THEN
        RAISE EXCEPTION 'ToolGate: % records are in progress or in doubt', unfinished
            USING HINT = 'Let them end, or resolve them, then run this again. Nothing was changed.';
    END IF;
END
$$;

DROP TABLE tg_idempotency;
DROP TABLE tg_store_info;
DROP FUNCTION tg_record_id(text, text, text);
DROP TABLE IF EXISTS tg_schema_history;
