-- Purpose:    begins the snapshot of a look at the database, which cannot write
-- Parameters: none
-- Index:      none
-- Isolation:  the first statement of a transaction, which is rolled back in the end
-- Rows:       none
PRAGMA query_only = ON
