-- Purpose:    the time that leases are made and judged by
-- Parameters: :now
-- Index:      none
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1, always
SELECT :now AS now
