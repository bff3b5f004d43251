-- Creates two group roles and grants them their privileges. They cannot log in and have no password: make the login
-- roles of the services members of them. Run after the schema's script, in the same schema, as a role that owns the
-- tables and may create roles (or as the owner, after an administrator has created the two):
--
--     psql -v ON_ERROR_STOP=1 -1 -f grants.sql
--     psql -v ON_ERROR_STOP=1 -1 -v runtime_role=billing_gate -v purger_role=billing_purge -f grants.sql
--
-- May be run again. Locks: the system catalogs' rows of these roles and tables, for an instant.
\if :{?runtime_role}
\else
\set runtime_role toolgate_runtime
\endif
\if :{?purger_role}
\else
\set purger_role toolgate_purger
\endif

SELECT set_config('toolgate.runtime_role', :'runtime_role', false),
       set_config('toolgate.purger_role', :'purger_role', false);

-- Creates missing roles and grants both USAGE on the schema that holds the tables.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[current_setting('toolgate.runtime_role'), current_setting('toolgate.purger_role')]
    LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), name);
    END LOOP;
END
$$;

-- The runtime claims and completes. It never deletes and never runs DDL.
GRANT SELECT, INSERT, UPDATE ON tg_idempotency TO :"runtime_role";
GRANT SELECT ON tg_store_info TO :"runtime_role";
GRANT EXECUTE ON FUNCTION tg_record_id(text, text, text) TO :"runtime_role";

-- It writes checkpoints and counters and appends to the history, which never changes. It may only read the journal,
-- which a trigger writes with its owner's privileges.
GRANT SELECT, INSERT, UPDATE ON tg_idempotency_checkpoint, tg_idempotency_counts TO :"runtime_role";
GRANT SELECT, INSERT ON tg_idempotency_history TO :"runtime_role";
GRANT SELECT ON tg_idempotency_journal TO :"runtime_role";

-- The purger deletes records past their retention and what belongs to them. It cannot update a row, nor touch the
-- journal.
GRANT SELECT, DELETE ON tg_idempotency, tg_idempotency_checkpoint, tg_idempotency_history TO :"purger_role";
GRANT SELECT ON tg_store_info TO :"purger_role";
