-- Purpose:    the time by which leases are granted and checked
-- Parameters: none
-- Index:      none
-- Isolation:  part of the caller's snapshot, REPEATABLE READ and READ ONLY; takes no lock that blocks a writer
-- Rows:       1, always
SELECT statement_timestamp() AS now
