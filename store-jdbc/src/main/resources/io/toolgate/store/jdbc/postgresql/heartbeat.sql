-- Purpose:    renews many leases in one round trip
-- Parameters: :lease (microseconds), :ids and :tokens (two arrays of uuid of one length, sorted by id)
-- Index:      tg_idempotency_pkey. The comparison with 16 is always true: it makes the planner expect few rows, so that it
--             takes the index also while the table is new and its statistics say nothing
-- Isolation:  READ COMMITTED, autocommit. Locks only rows that show the given token, which are this caller's own, so two
--             processes never wait for each other here; one that asks twice at once asks in the same order
-- Rows:       one for each lease that still owns its record. The others are lost
-- Durability: forced. An owner goes by the lease that was acknowledged; if a crash took it back, the record would look
--             abandoned while its owner still works
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
