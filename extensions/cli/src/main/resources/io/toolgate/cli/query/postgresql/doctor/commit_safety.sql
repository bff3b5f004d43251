-- Purpose:    server settings that make commits of other clients than ToolGate asynchronous, and standbys that may lack
--             acknowledged claims
-- Parameters: none
-- Index:      none
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(name) AS example
FROM (
    SELECT 'synchronous_commit = ' || current_setting('synchronous_commit') AS name
    WHERE current_setting('synchronous_commit') IN ('off', 'local')
    UNION ALL
    SELECT 'asynchronous standby ' || coalesce(nullif(application_name, ''), pid::text)
    FROM pg_catalog.pg_stat_replication
    WHERE sync_state = 'async'
) AS unsafe
