-- Purpose:    settings of the server that make commits of others than ToolGate asynchronous, and standbys that can lack
--             acknowledged claims
-- Parameters: none
-- Index:      none
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(name) AS example
FROM (
    SELECT 'synchronous_commit = ' || current_setting('synchronous_commit') AS name
    WHERE current_setting('synchronous_commit') IN ('off', 'local')
    UNION ALL
    SELECT 'asynchronous standby ' || coalesce(nullif(application_name, ''), pid::text)
    FROM pg_catalog.pg_stat_replication
    WHERE sync_state = 'async'
) AS unsafe
