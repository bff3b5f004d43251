-- Purpose:    reads the settings of the server and the privileges of the role that the store checks when it opens
-- Parameters: none
-- Index:      none
-- Isolation:  any
-- Rows:       1, always. runtime_lacks and purger_lacks name the privileges that the role lacks on tables of the
--             search path; empty if it has all that the runtime, or the purger, needs. options_arrived says whether the
--             server was given the settings of PostgresOpener. asynchronous_standbys counts those that no commit waits
--             for: all, where synchronous_standby_names is empty (the role may not see their sync_state), but for
--             subscribers of logical slots and copies of the server. elsewhere names the schemas that hold
--             tg_idempotency, while the search path finds none, and unusable those of them without USAGE
SELECT current_setting('server_version_num')::int AS version_number,
       current_setting('server_version') AS version,
       pg_catalog.getdatabaseencoding() AS encoding,
       pg_catalog.pg_is_in_recovery() AS standby,
       current_setting('transaction_read_only') = 'on' AS read_only,
       current_setting('fsync') = 'on' AS fsync,
       current_setting('full_page_writes') = 'on' AS full_page_writes,
       current_setting('synchronous_commit') AS synchronous_commit,
       (SELECT CASE unit WHEN 'ms' THEN setting::bigint END
            FROM pg_catalog.pg_settings WHERE name = 'statement_timeout') AS statement_timeout_millis,
       coalesce(current_setting('toolgate.options', true), '') = 'sent' AS options_arrived,
       current_setting('client_min_messages') AS client_min_messages,
       current_setting('synchronous_standby_names') AS synchronous_standby_names,
       (SELECT count(*) FROM pg_catalog.pg_stat_replication AS standby
            WHERE current_setting('synchronous_standby_names') = ''
              AND coalesce(standby.application_name, '') NOT IN ('pg_basebackup', 'pg_receivewal')
              AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_replication_slots AS slot
                  WHERE slot.active_pid = standby.pid AND slot.slot_type = 'logical')) AS asynchronous_standbys,
       (SELECT coalesce(string_agg(quote_ident(n.nspname), ', ' ORDER BY n.nspname), '')
            FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relname = 'tg_idempotency' AND to_regclass('tg_idempotency') IS NULL) AS elsewhere,
       (SELECT coalesce(string_agg(quote_ident(n.nspname), ', ' ORDER BY n.nspname), '')
            FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relname = 'tg_idempotency' AND to_regclass('tg_idempotency') IS NULL
              AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')) AS unusable,
       current_user AS role,
       coalesce(string_agg(missing, ', ' ORDER BY table_name) FILTER (WHERE role = 'runtime'), '') AS runtime_lacks,
       coalesce(string_agg(missing, ', ' ORDER BY table_name) FILTER (WHERE role = 'purger'), '') AS purger_lacks
FROM (
    SELECT needed.role, needed.table_name, string_agg(one.privilege, ' and ' ORDER BY one.position) || ' on '
               || needed.table_name AS missing
    FROM (VALUES ('runtime', 'tg_idempotency', 'SELECT INSERT UPDATE'),
                 ('runtime', 'tg_idempotency_checkpoint', 'SELECT INSERT UPDATE'),
                 ('runtime', 'tg_idempotency_counts', 'SELECT INSERT UPDATE'),
                 ('runtime', 'tg_idempotency_history', 'SELECT INSERT'),
                 ('runtime', 'tg_idempotency_journal', 'SELECT'),
                 ('purger', 'tg_idempotency', 'SELECT DELETE'),
                 ('purger', 'tg_idempotency_checkpoint', 'SELECT DELETE'),
                 ('purger', 'tg_idempotency_history', 'SELECT DELETE')) AS needed (role, table_name, privileges),
         unnest(string_to_array(needed.privileges, ' ')) WITH ORDINALITY AS one (privilege, position)
    WHERE to_regclass(needed.table_name) IS NOT NULL
      AND NOT pg_catalog.has_table_privilege(to_regclass(needed.table_name), one.privilege)
    GROUP BY needed.role, needed.table_name
) AS lacking
