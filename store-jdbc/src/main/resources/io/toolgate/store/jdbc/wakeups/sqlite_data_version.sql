-- Purpose:    tells whether another connection has committed since the last time this connection asked
-- Parameters: none
-- Index:      none
-- Isolation:  reads the header of the WAL index; holds nothing afterwards
-- Rows:       1, always: a number, comparable on this connection only; it differs from the previous one if another
--             connection has committed
PRAGMA data_version
