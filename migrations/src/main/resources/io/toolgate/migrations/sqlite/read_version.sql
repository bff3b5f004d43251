-- Purpose:    the version of the installed schema
-- Parameters: none
-- Indexes:    none; the table has one row
-- Isolation:  any
-- Rows:       1; 0 means that the installation was cut short
SELECT schema_version FROM tg_store_info
