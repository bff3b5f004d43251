-- Purpose:    the version of the schema, asked where a statement found something missing
-- Parameters: none
-- Index:      none; the table has one row
-- Isolation:  any
-- Rows:       1, always
SELECT schema_version
FROM tg_store_info
