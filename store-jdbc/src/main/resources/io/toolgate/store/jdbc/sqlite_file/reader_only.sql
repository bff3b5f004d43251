-- Purpose:    makes a connection of the reader pool refuse to write, whatever it is asked
-- Parameters: none
-- Index:      none
-- Isolation:  any
-- Rows:       none
PRAGMA query_only = ON
