-- Switches the journal on, for PostgreSQL 14 to 18: from now on every transition of a record writes one row to
-- tg_idempotency_journal, in its own commit. Run as the role that owns the tables, with their schema in search_path:
--
--     psql -v ON_ERROR_STOP=1 -1 -f journal_on.sql
--
-- May be run again. Services may keep running and need no privilege on the journal: the trigger writes as the owner of
-- the tables. Locks: tg_idempotency against writers, for an instant, after running transactions on it have ended.
-- Because other statements queue behind that wait, it gives up after two seconds; then run it again.
SET LOCAL lock_timeout = '2s';


-- Creates the trigger function and its two triggers. The function runs with its owner's privileges. It therefore
-- qualifies every table with its schema, and its search_path puts pg_temp last, so that no temporary table of a
-- session is used in their place. A heartbeat does not change the version and writes nothing. The entry of a decision
-- has the decision, that of a checkpoint the checkpoint's name, from the rows that the same commit has written before
-- it moved the record.
-- Locks: tg_idempotency, SHARE ROW EXCLUSIVE, until the transaction ends.
DO $do$
DECLARE
    home text;
    table_owner text;
BEGIN
    SELECT n.nspname, c.relowner::regrole::text INTO home, table_owner
        FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.oid = to_regclass('tg_idempotency_journal');
    IF home IS NULL THEN
        RAISE EXCEPTION 'ToolGate: no schema of search_path "%" holds tg_idempotency_journal',
            current_setting('search_path')
            USING HINT = 'Name the schema in search_path, or install the tables. Nothing was changed.';
    END IF;
    EXECUTE format($create$
        CREATE OR REPLACE FUNCTION %1$I.tg_idempotency_journal() RETURNS trigger
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
            AS $function$
        DECLARE
            before record;
            checkpoint_name text;
            decided record;
        BEGIN
            IF TG_OP = 'INSERT' THEN
                SELECT NULL::text AS status, NULL::timestamptz AS lease_until, NULL::timestamptz AS updated_at INTO before;
                SELECT NULL::text AS decision, NULL::text AS operator, NULL::text AS reason INTO decided;
            ELSE
                SELECT OLD.status AS status, OLD.lease_until AS lease_until, OLD.updated_at AS updated_at INTO before;
                IF NEW.claim_token = OLD.claim_token AND NEW.status = OLD.status THEN
                    SELECT c.name INTO checkpoint_name
                        FROM %1$I.tg_idempotency_checkpoint AS c
                        WHERE c.record_id = NEW.record_id AND c.version = NEW.version
                            AND c.record_created_at = NEW.created_at;
                END IF;
                SELECT h.decision, h.operator, h.reason INTO decided
                    FROM %1$I.tg_idempotency_history AS h
                    WHERE NEW.claim_token <> OLD.claim_token AND NEW.status <> 'IN_PROGRESS'
                        AND h.record_id = OLD.record_id AND h.version = OLD.version AND h.created_at = OLD.created_at;
            END IF;
            INSERT INTO %1$I.tg_idempotency_journal (
                record_id, at, fence, version, from_status, to_status, owner, lease_until, previous_lease_until,
                failure_code, failure_message, checkpoint, decision, operator, reason)
            VALUES (
                NEW.record_id,
                CASE WHEN NEW.updated_at = before.updated_at THEN statement_timestamp() ELSE NEW.updated_at END,
                NEW.fence, NEW.version, before.status, NEW.status, NEW.owner,
                CASE NEW.status WHEN 'IN_PROGRESS' THEN NEW.lease_until END, before.lease_until,
                NEW.failure_code, NEW.failure_message, checkpoint_name, decided.decision, decided.operator, decided.reason);
            RETURN NULL;
        END
        $function$
    $create$, home);
    EXECUTE format('REVOKE ALL ON FUNCTION %I.tg_idempotency_journal() FROM PUBLIC', home);
    EXECUTE format($create$
        CREATE OR REPLACE TRIGGER tg_idempotency_journal_insert AFTER INSERT ON %1$I.tg_idempotency
            FOR EACH ROW EXECUTE FUNCTION %1$I.tg_idempotency_journal()
    $create$, home);
    EXECUTE format($create$
        CREATE OR REPLACE TRIGGER tg_idempotency_journal_update AFTER UPDATE ON %1$I.tg_idempotency
            FOR EACH ROW WHEN (OLD.version IS DISTINCT FROM NEW.version)
            EXECUTE FUNCTION %1$I.tg_idempotency_journal()
    $create$, home);
    -- If a superuser runs this, the function must not keep a superuser's privileges.
    IF table_owner <> quote_ident(current_user) THEN
        EXECUTE format('ALTER FUNCTION %I.tg_idempotency_journal() OWNER TO %s', home, table_owner);
    END IF;
END
$do$;
