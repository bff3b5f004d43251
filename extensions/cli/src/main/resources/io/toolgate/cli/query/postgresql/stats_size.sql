-- Purpose:    the size of the tables with their indexes
-- Parameters: none
-- Index:      none
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always
SELECT pg_total_relation_size('tg_idempotency')
       + pg_total_relation_size('tg_idempotency_checkpoint')
       + pg_total_relation_size('tg_idempotency_history')
       + pg_total_relation_size('tg_idempotency_journal')
       + pg_total_relation_size('tg_idempotency_counts') AS bytes
