-- Purpose:    the transitions of a key while the journal was on
-- Parameters: :id (32 hexadecimal digits)
-- Index:      tg_idempotency_journal_record_id
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       0 or more, in order
SELECT entry, at, fence, version, from_status, to_status, owner,
       lease_until, previous_lease_until,
       failure_code, failure_message, checkpoint, decision, operator, reason
FROM tg_idempotency_journal
WHERE record_id = CAST(:id AS uuid)
ORDER BY entry
