-- Removes version 2: journal, history of decisions, checkpoints and counters. Records stay.
--
--     psql -v ON_ERROR_STOP=1 -1 -f U2__history_and_journal.sql
--
-- Seldom needed: a library made for version 2 runs without these tables, and refuses operations that need them. This
-- drops the record of who decided what, and the checkpoints of runs, for good. Take a dump of the four tables if in
-- doubt.
-- Locks: all of ToolGate's tables, exclusively, until the transaction ends; gives up after two seconds of waiting.
SET LOCAL lock_timeout = '2s';

LOCK TABLE tg_idempotency, tg_store_info, tg_idempotency_checkpoint, tg_idempotency_history, tg_idempotency_journal,
    tg_idempotency_counts IN ACCESS EXCLUSIVE MODE;

-- Precondition: no unfinished record has checkpoints, or counts its attempts from a retirement.
DO $$
DECLARE
    needed bigint;
    installed integer;
BEGIN
    SELECT schema_version INTO installed FROM tg_store_info;
    IF installed <> 2 THEN
        RAISE EXCEPTION 'ToolGate: this script removes version 2, but the schema has version %', installed
            USING HINT = 'Run the newer rollback scripts first, newest first. Nothing was changed.';
    END IF;
    SELECT count(*) INTO needed FROM tg_idempotency AS t
        WHERE t.status NOT IN ('COMPLETED', 'REJECTED')
            AND (EXISTS (SELECT 1 FROM tg_idempotency_checkpoint AS c
                         WHERE c.record_id = t.record_id AND c.record_created_at = t.created_at)
                 OR EXISTS (SELECT 1 FROM tg_idempotency_history AS h
                            WHERE h.record_id = t.record_id AND h.decision = 'RETIRED'));
    IF needed > 0 THEN
        RAISE EXCEPTION 'ToolGate: % records that have not finished have checkpoints or were retired', needed
            USING HINT = 'Let them end, or resolve them, then run this again. Nothing was changed.';
    END IF;
END
$$;

DROP TRIGGER IF EXISTS tg_idempotency_journal_insert ON tg_idempotency;
DROP TRIGGER IF EXISTS tg_idempotency_journal_update ON tg_idempotency;
DROP FUNCTION IF EXISTS tg_idempotency_journal();
DROP TABLE tg_idempotency_checkpoint, tg_idempotency_history, tg_idempotency_journal, tg_idempotency_counts;
UPDATE tg_store_info SET schema_version = 1;

-- The entry in the library's migration history, if it migrated this schema.
DO $$
BEGIN
    IF to_regclass('tg_schema_history') IS NOT NULL THEN
        DELETE FROM tg_schema_history WHERE version = '2';
    END IF;
END
$$;
