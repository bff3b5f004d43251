-- Purpose:    the time by which leases are granted and checked
-- Parameters: :now
-- Index:      none
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always
SELECT :now AS now
