-- Purpose:    reads the version of the schema, after a statement failed because a table or column is missing
-- Parameters: none
-- Index:      none; the table has one row
-- Isolation:  any
-- Rows:       1, always
SELECT schema_version
FROM tg_store_info
