-- Purpose:    whether another connection has committed since this was asked before
-- Parameters: none
-- Index:      none
-- Isolation:  looks at the header of the WAL's index; holds nothing afterwards
-- Rows:       1, always: a number, of use on this connection only, that differs from the one before if somebody has
PRAGMA data_version
