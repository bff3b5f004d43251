-- Purpose:    the time that leases are made and judged by
-- Parameters: none
-- Index:      none
-- Isolation:  a part of one snapshot of the caller's, REPEATABLE READ and READ ONLY; takes no lock that a writer waits for
-- Rows:       1, always
SELECT statement_timestamp() AS now
