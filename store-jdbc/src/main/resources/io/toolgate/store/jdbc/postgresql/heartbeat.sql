-- Purpose:    renews many leases with one statement
-- Parameters: :ids, :tokens and :writers (three arrays of one length; a writer is empty, or where a transaction with
--             rows completes the record what complete_in.sql returned, or * while that is unknown), :lease
--             (microseconds)
-- Index:      tg_idempotency_pkey. The comparison with 16 is always true: it makes the planner expect few rows and use
--             the index even while the table is new and has no statistics
-- Isolation:  READ COMMITTED, autocommit. SKIP LOCKED: it never waits, so that a lock on one record costs the other
--             leases nothing, and two heartbeats cannot deadlock.
--             Race: the lock on a skipped record may be that of a takeover. Whether it still has its owner is unknown
--             until it is asked again, unless its xmax is the transaction that complete_in.sql named
-- Rows:       one for each lease whose record was its own when the statement began; skipped where that was locked and
--             is not renewed. A writer's lease counts as renewed, since no claim can take the record over meanwhile,
--             and so does one whose record the writer has completed. A lease without a row is lost
-- Durability: forced_sync, as for a transition: an owner relies on an acknowledged lease. If a crash undid it, the
--             record would look abandoned while its owner still works
WITH mine AS (
    SELECT given.record_id, given.claim_token, given.writer
    FROM unnest(CAST(:ids AS uuid[]), CAST(:tokens AS uuid[]), CAST(:writers AS text[]))
        AS given (record_id, claim_token, writer)
    WHERE octet_length(uuid_send(given.record_id)) = 16
), free AS (
    SELECT t.record_id
    FROM tg_idempotency AS t
    JOIN mine USING (record_id, claim_token)
    WHERE t.status = 'IN_PROGRESS'
    FOR NO KEY UPDATE OF t SKIP LOCKED
), renewed AS (
    UPDATE tg_idempotency AS t
    SET lease_until = statement_timestamp() + :lease * INTERVAL '1 microsecond'
    FROM free
    WHERE t.record_id = free.record_id
    RETURNING t.record_id,
        CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
             THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
)
SELECT t.record_id, t.claim_token,
    t.status = 'IN_PROGRESS' AND renewed.record_id IS NULL AND mine.writer NOT IN ('*', CAST(t.xmax AS text)) AS skipped,
    renewed.forced_sync
FROM tg_idempotency AS t
JOIN mine USING (record_id, claim_token)
LEFT JOIN renewed ON renewed.record_id = t.record_id
WHERE t.status = 'IN_PROGRESS'
   OR (t.status = 'COMPLETED' AND mine.writer <> '')
