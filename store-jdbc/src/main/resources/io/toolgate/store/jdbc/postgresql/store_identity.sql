-- Purpose:    identifies the store that a connection leads to: store id, database, and the table that the search path
--             finds
-- Parameters: none
-- Index:      none; the table has one row
-- Isolation:  any level; a plain read, no lock
-- Rows:       1, always. durable is always true, because complete_in.sql makes its commit durable itself
SELECT concat_ws('/', i.store_id, d.oid, CAST(to_regclass('tg_idempotency') AS oid)) AS store, true AS durable
FROM tg_store_info AS i, pg_catalog.pg_database AS d
WHERE d.datname = current_database()
