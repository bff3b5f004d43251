-- Purpose:    makes a connection of the reader pool refuse writes
-- Parameters: none
-- Index:      none
-- Isolation:  a setting of this connection
-- Rows:       none
PRAGMA query_only = ON
