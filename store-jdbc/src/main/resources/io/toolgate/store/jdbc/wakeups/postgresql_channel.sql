-- Purpose:    reads the name of the channel on which the processes of this store notify one another
-- Parameters: none
-- Index:      none; the table has one row
-- Isolation:  any level; a plain read, no lock
-- Rows:       1, always: 41 characters of a to z, 0 to 9 and _; stores that share a database have different channels
SELECT 'toolgate_' || left(encode(sha256(convert_to(
    concat_ws('/', store_id, CAST(to_regclass('tg_idempotency') AS oid)), 'UTF8')), 'hex'), 32) AS channel
FROM tg_store_info
