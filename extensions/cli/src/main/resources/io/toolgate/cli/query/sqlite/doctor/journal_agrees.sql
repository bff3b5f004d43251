-- Purpose:    records whose last journal entry has another version, fence or status than the record
-- Parameters: :since (milliseconds since 1970)
-- Index:      tg_idempotency_journal_record_id; the journal is read as a whole
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always: the number found, and one of them as an example
SELECT count(*) AS found, min(lower(hex(t.record_id))) AS example
FROM tg_idempotency AS t
JOIN (
    SELECT record_id, max(entry) AS entry
    FROM tg_idempotency_journal
    GROUP BY record_id
) AS last ON last.record_id = t.record_id
JOIN tg_idempotency_journal AS j ON j.entry = last.entry
WHERE t.updated_at >= :since
  AND (j.version <> t.version OR j.fence <> t.fence OR j.to_status <> t.status)
