-- Purpose:    reads the version of the installed schema
-- Parameters: none
-- Index:      none; the table has one row
-- Isolation:  any
-- Rows:       1. 0: the installation was interrupted. more: never, a CHECK allows one row
SELECT schema_version FROM tg_store_info
