-- Purpose:    sets the clock offset for a boot; only the first process after the boot does
-- Parameters: :bootId, :offsetMillis, :seenBootId
-- Index:      none; the table has one row
-- Isolation:  autocommit. SQLite has one writer at a time
-- Rows:       none is returned. Rows written:
--             1: set
--             0: another process was first: the caller reads what that one set
--             more: never
UPDATE tg_store_info
SET clock_boot_id = :bootId,
    clock_offset_millis = :offsetMillis
WHERE clock_boot_id IS :seenBootId
