-- Purpose:    reads what is remembered about a key beside its record: the fence of its last retirement, the marks of the
--             record's present life, and the newest decisions. A retirement counts as long as the row that it was decided on
--             is there: after a purge the key begins at fence 1 again. So it does not count for a life that began when it
--             might be forgotten already: whether it was purged must make no difference, nor change in the middle of a life.
--             A library of version 1 purges sooner; where a journal saw the key begin again, that is known too.
--             A mark belongs to the life that began when the record did, unless that was retired since: both may lie within
--             one tick of the clock
-- Parameters: :id, :limit
-- Index:      tg_idempotency_record_id, and the primary keys of checkpoints and history; for keys that were retired
--             tg_idempotency_journal_record_id
-- Isolation:  one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       one of kind RETIREMENT, whose fence is 0 if there was none; one of kind CHECKPOINT for each mark, whose value
--             is in result and result_codec; at most :limit of kind DECISION
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
