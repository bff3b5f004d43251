-- Purpose:    what the server and the role are like, for the checks at the start
-- Parameters: none
-- Index:      none
-- Isolation:  any
-- Rows:       1, always. A privilege is NULL where the table is not on the search path
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
       pg_catalog.has_table_privilege(to_regclass('tg_idempotency'), 'SELECT') AS may_select,
       pg_catalog.has_table_privilege(to_regclass('tg_idempotency'), 'INSERT') AS may_insert,
       pg_catalog.has_table_privilege(to_regclass('tg_idempotency'), 'UPDATE') AS may_update,
       pg_catalog.has_table_privilege(to_regclass('tg_idempotency'), 'DELETE') AS may_delete
