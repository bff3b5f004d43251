-- Purpose:    server settings that make commits of other clients than ToolGate asynchronous, and standbys that may lack
--             acknowledged claims: all, where commits wait for none of them. Which of several a failover promotes is up to
--             its tool, which knows the synchronous one. Neither subscribers nor copies of the server are promoted.
--             The role may not see a standby's state, or its name, but sees that it is there
-- Parameters: none
-- Index:      none
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(name) AS example
FROM (
    SELECT 'synchronous_commit = ' || current_setting('synchronous_commit') AS name
    WHERE current_setting('synchronous_commit') IN ('off', 'local')
    UNION ALL
    SELECT 'asynchronous standby ' || coalesce(nullif(standby.application_name, ''), standby.pid::text)
    FROM pg_catalog.pg_stat_replication AS standby
    WHERE current_setting('synchronous_standby_names') = ''
        AND coalesce(standby.application_name, '') NOT IN ('pg_basebackup', 'pg_receivewal')
        AND NOT EXISTS (
            SELECT 1 FROM pg_catalog.pg_replication_slots AS slot
            WHERE slot.active_pid = standby.pid AND slot.slot_type = 'logical')
) AS unsafe
