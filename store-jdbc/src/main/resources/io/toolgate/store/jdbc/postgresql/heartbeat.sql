-- Purpose:    renews many leases with one statement
-- Parameters: :lease (microseconds), :ids and :tokens (two uuid arrays of one length, sorted by id)
-- Index:      tg_idempotency_pkey. The comparison with 16 is always true: it makes the planner expect few rows and use
--             the index even while the table is new and has no statistics
-- Isolation:  READ COMMITTED, autocommit. Locks only rows with a given token, which no other process has, so processes
--             never wait for each other here; two heartbeats of one process lock in the same order
-- Rows:       one for each lease that still owns its record; a lease without a row is lost
-- Durability: forced_sync, as for a transition: an owner relies on an acknowledged lease. If a crash undid it, the
--             record would look abandoned while its owner still works
UPDATE tg_idempotency AS t
SET lease_until = statement_timestamp() + :lease * INTERVAL '1 microsecond'
FROM unnest(CAST(:ids AS uuid[]), CAST(:tokens AS uuid[])) AS mine (record_id, claim_token)
WHERE t.record_id = mine.record_id
  AND t.claim_token = mine.claim_token
  AND t.status = 'IN_PROGRESS'
  AND octet_length(uuid_send(mine.record_id)) = 16
RETURNING t.record_id, t.claim_token,
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
         THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
