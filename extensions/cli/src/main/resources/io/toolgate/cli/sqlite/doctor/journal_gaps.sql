-- Purpose:    entries of the journal that do not follow on the entry before of their key: a version is missing, or the
--             status is another than the one that the key was left in
-- Parameters: :since (milliseconds since 1970)
-- Index:      tg_idempotency_journal_record_id; the journal is read as a whole
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1, always: how many were found, and one of them
SELECT count(*) AS found, min(lower(hex(record_id))) AS example
FROM (
    SELECT record_id, at, version, from_status,
           lag(version) OVER key_order AS version_before,
           lag(to_status) OVER key_order AS status_before
    FROM tg_idempotency_journal
    WINDOW key_order AS (PARTITION BY record_id ORDER BY entry)
) AS chained
WHERE at >= :since
  AND CASE
          WHEN from_status IS NULL THEN version <> 1
          WHEN version_before IS NULL THEN version < 2
          ELSE version <> version_before + 1 OR from_status <> status_before
      END
