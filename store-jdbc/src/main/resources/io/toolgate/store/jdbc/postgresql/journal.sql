-- Purpose:    reads the journal of one record, oldest entry first
-- Parameters: :id
-- Index:      tg_idempotency_journal_record_id
-- Isolation:  any level; a plain read, no lock. A row that is visible is durable, like the transition that wrote it
-- Rows:       one for each transition that was made while the journal was on
SELECT entry, record_id, at, fence, version, from_status, to_status, owner, lease_until, previous_lease_until,
       failure_code, failure_message, checkpoint, decision, operator, reason
FROM tg_idempotency_journal
WHERE record_id = :id
ORDER BY entry
