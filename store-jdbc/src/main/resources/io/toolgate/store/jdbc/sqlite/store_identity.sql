-- Purpose:    identifies the store that a connection leads to: store id and file
-- Parameters: none
-- Index:      none; the table has one row
-- Isolation:  any; a plain read
-- Rows:       1, always. durable is false if this connection does not flush its commits
SELECT i.store_id || '/' || (SELECT file FROM pragma_database_list WHERE name = 'main') AS store,
       (SELECT synchronous FROM pragma_synchronous) >= 2 AS durable
FROM tg_store_info AS i
