-- Purpose:    starts the snapshot of a read, which cannot write
-- Parameters: none
-- Index:      none
-- Isolation:  the first statement of a transaction that is rolled back at its end
-- Rows:       none
PRAGMA query_only = ON
