-- Purpose:    renews leases whose records a caller's open transaction may be completing, without waiting for that
--             transaction
-- Parameters: :ids, :tokens and :writers (three arrays of one length; a writer is what complete_in.sql returned, or *
--             while that is unknown), :lease (microseconds)
-- Index:      tg_idempotency_pkey; the comparison with 16 as in heartbeat.sql
-- Isolation:  READ COMMITTED, autocommit. SKIP LOCKED: it never waits, however long the caller's transaction takes.
--             Race: a locked row might be locked by a takeover; it counts as owned only if its xmax is the transaction
--             that complete_in.sql named
-- Rows:       one for each lease that still owns its record: renewed; or completed; or locked by the transaction that
--             completes it, during which no claim can take the record over. A lease without a row is lost
-- Durability: forced_sync, as in heartbeat.sql
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
SELECT t.record_id, t.claim_token, renewed.forced_sync
FROM tg_idempotency AS t
JOIN mine USING (record_id, claim_token)
LEFT JOIN renewed ON renewed.record_id = t.record_id
WHERE renewed.record_id IS NOT NULL
   OR t.status = 'COMPLETED'
   OR (t.status = 'IN_PROGRESS' AND mine.writer IN ('*', CAST(t.xmax AS text)))
