-- Purpose:    journal entries that do not follow the entry before of their key: a version is missing, or the status is
--             not the one that the entry before left
-- Parameters: :since (milliseconds since 1970)
-- Index:      tg_idempotency_journal_record_id; the journal is read as a whole
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(record_id::text) AS example
FROM (
    SELECT record_id, at, version, from_status,
           lag(version) OVER key_order AS version_before,
           lag(to_status) OVER key_order AS status_before
    FROM tg_idempotency_journal
    WINDOW key_order AS (PARTITION BY record_id ORDER BY entry)
) AS chained
WHERE at >= to_timestamp(CAST(:since AS double precision) / 1000)
  AND CASE
          WHEN from_status IS NULL THEN version <> 1
          WHEN version_before IS NULL THEN version < 2
          ELSE version <> version_before + 1 OR from_status <> status_before
      END
