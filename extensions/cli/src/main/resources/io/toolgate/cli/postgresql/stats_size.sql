-- Purpose:    how much room the tables take, with their indexes
-- Parameters: none
-- Index:      none
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
-- Rows:       1, always
SELECT pg_total_relation_size('tg_idempotency')
       + pg_total_relation_size('tg_idempotency_checkpoint')
       + pg_total_relation_size('tg_idempotency_history')
       + pg_total_relation_size('tg_idempotency_journal')
       + pg_total_relation_size('tg_idempotency_counts') AS bytes
