-- Removes one record of a finished run, whatever its state, so that a run leaves nothing behind.
-- Parameters: 1 record_id, 2 tenant. Index: the one on record_id. Any isolation.
-- Rows: 1 removed; 0 there was none. The tenant is compared too: no other row is ever touched.
DELETE FROM tg_idempotency WHERE record_id = ? AND tenant = ?
