-- Purpose:    the transitions of one key, as far as the journal was on
-- Parameters: :id (32 hexadecimal digits)
-- Index:      tg_idempotency_journal_record_id
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       0 or more, in order
SELECT entry, at, fence, version, from_status, to_status, owner,
       lease_until, previous_lease_until,
       failure_code, failure_message, checkpoint, decision, operator, reason
FROM tg_idempotency_journal
WHERE record_id = unhex(:id)
ORDER BY entry
