-- Purpose:    switches writable_schema off after a script that switched it on has failed
-- Parameters: none
-- Index:      none
-- Isolation:  any
-- Rows:       none
PRAGMA writable_schema = OFF
