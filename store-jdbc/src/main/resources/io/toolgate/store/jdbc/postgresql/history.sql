-- Purpose:    reads what is stored about a key beside its record: the fence of its last retirement, the checkpoints of
--             its current lifetime, and its latest decisions.
--             Retirement: counts as long as the row it was decided on is kept, because a key starts at fence 1 again
--             after a purge. It does not count for a lifetime that began after forget_at, so that the answer does not
--             depend on whether a purge ran, and does not change in the middle of a lifetime. A library of version 1
--             purges earlier; the journal, if it is on, shows that.
--             Checkpoint: belongs to the current lifetime if it names the record's created_at and no retirement
--             followed it; both may lie within one tick of the clock
-- Parameters: :id, :limit
-- Index:      tg_idempotency_pkey, tg_idempotency_checkpoint_pkey, tg_idempotency_history_pkey; for retired keys
--             tg_idempotency_journal_record_id
-- Isolation:  any level; a plain read, no lock
-- Rows:       one of kind RETIREMENT, with fence 0 if there was none; one of kind CHECKPOINT for each checkpoint, with
--             its value in result and result_codec; at most :limit of kind DECISION
SELECT 'DECISION' AS kind, decided_at AS read_at, NULL AS name, decision, operator, reason,
       record_id, tenant, action, idempotency_key, status, fence, version, claim_token, owner, lease_until, fingerprint,
       result, result_codec, failure_code, failure_message, created_at, updated_at, expires_at
FROM (SELECT * FROM tg_idempotency_history WHERE record_id = :id ORDER BY decided_at DESC, version DESC LIMIT :limit)
    AS newest
UNION ALL
SELECT 'CHECKPOINT', c.written_at, c.name, NULL, NULL, NULL,
       c.record_id, NULL, NULL, NULL, NULL, c.fence, c.version, NULL, NULL, NULL, NULL,
       c.data, c.codec, NULL, NULL, NULL, NULL, NULL
FROM tg_idempotency_checkpoint AS c
JOIN tg_idempotency AS t ON t.record_id = c.record_id AND t.created_at = c.record_created_at
WHERE c.record_id = :id
  AND NOT EXISTS (
      SELECT 1
      FROM tg_idempotency_history AS h
      WHERE h.record_id = c.record_id
        AND h.decision = 'RETIRED'
        AND h.created_at = c.record_created_at
        AND h.version >= c.version)
UNION ALL
SELECT 'RETIREMENT', NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, coalesce(max(h.fence), 0), NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM tg_idempotency_history AS h
LEFT JOIN tg_idempotency AS t ON t.record_id = h.record_id
WHERE h.record_id = :id
  AND h.decision = 'RETIRED'
  AND (t.fence IS NULL OR (h.fence <= t.fence AND h.forget_at > t.created_at))
  AND NOT EXISTS (
      SELECT 1
      FROM tg_idempotency_journal AS j
      WHERE j.record_id = h.record_id
        AND j.from_status IS NULL
        AND j.at > h.decided_at)
