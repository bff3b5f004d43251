-- Purpose:    reads the settings of the server and the privileges of the role that the store checks when it opens
-- Parameters: none
-- Index:      none
-- Isolation:  any
-- Rows:       1, always. runtime_lacks and purger_lacks name the privileges that the role lacks on tables of the
--             search path; empty if it has all that the runtime, or the purger, needs
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
       (SELECT count(*) FROM pg_catalog.pg_stat_replication WHERE sync_state = 'async') AS asynchronous_standbys,
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
