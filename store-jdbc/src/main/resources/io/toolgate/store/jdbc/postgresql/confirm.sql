-- Purpose:    proves that a write whose commit was not acknowledged is where a failover finds it: the row shows that it
--             is committed on this server, and this statement's own commit, which comes later in the log, waits for
--             the synchronous standby, if there is one
-- Parameters: :id, :token, :version (as the record was read)
-- Index:      tg_idempotency_pkey
-- Isolation:  READ COMMITTED, autocommit, or the transaction that read the record. The lock makes it write to the log. It
--             is the weakest, which meets neither heartbeats nor transitions, only a purge, and is never held for long.
--             Race: a failover between the reading and this statement; the version says whether the new primary has the
--             write
-- Rows:       1: replicated
--             0: the record is another by now, or this is another server: the caller tries again
--             more: never
-- Durability: forced_sync makes this commit synchronous even if the role, database or session set synchronous_commit
--             to off or local
SELECT version,
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
         THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
FROM tg_idempotency
WHERE record_id = :id
  AND claim_token = :token
  AND version = :version
FOR KEY SHARE
