-- Purpose:    stores a checkpoint of a run and advances the record to a version of its own for it, if the token still
--             owns the record and the checkpoint differs from the stored one
-- Parameters: :id, :token, :name, :codec, :data (NULL for a null value)
-- Index:      tg_idempotency_pkey, tg_idempotency_checkpoint_pkey
-- Isolation:  READ COMMITTED, autocommit. The record's row is locked first, so that concurrent checkpoints of one run
--             are serialised: a statement that waited sees the version the other left. ON CONFLICT compares with the
--             latest checkpoint, even one that the snapshot does not show. Race: against a takeover or a completion,
--             token and status are checked again after a wait for the lock. The token decides who may write; the clock
--             is recorded, not checked
-- Rows:       1: stored
--             0: the token does not own the record any more, the run has ended, or an equal checkpoint is stored
--                already: the caller reads the record and decides again
--             more: never
-- Durability: forced_sync makes this commit synchronous even if the role, database or session set synchronous_commit
--             to off or local
WITH owned AS (
    SELECT record_id, fence, version, life, created_at
    FROM tg_idempotency
    WHERE record_id = :id
      AND claim_token = :token
      AND status IN ('IN_PROGRESS', 'IN_DOUBT')
    FOR NO KEY UPDATE
),
written AS (
    INSERT INTO tg_idempotency_checkpoint AS c (
        record_id, name, codec, data, fence, version, life, record_created_at, written_at)
    SELECT record_id, :name, :codec, CAST(:data AS bytea), fence, version + 1, life, created_at, statement_timestamp()
    FROM owned
    ON CONFLICT (record_id, name) DO UPDATE
    SET codec = excluded.codec,
        data = excluded.data,
        fence = excluded.fence,
        version = excluded.version,
        life = excluded.life,
        record_created_at = excluded.record_created_at,
        written_at = excluded.written_at
    WHERE c.fence <> excluded.fence
       OR c.life <> excluded.life
       OR c.record_created_at <> excluded.record_created_at
       OR c.codec <> excluded.codec
       OR c.data IS DISTINCT FROM excluded.data
    RETURNING c.record_id
)
UPDATE tg_idempotency AS t
SET version = t.version + 1,
    updated_at = CASE t.status WHEN 'IN_DOUBT' THEN t.updated_at ELSE statement_timestamp() END
FROM written
WHERE t.record_id = written.record_id
RETURNING t.status, t.version, statement_timestamp() AS at,
    CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
         THEN set_config('synchronous_commit', 'on', true) END AS forced_sync
