-- Purpose:    sets the offset for a boot; only the first process after it does
-- Parameters: :bootId, :offsetMillis, :seenBootId
-- Index:      none; the table has one row
-- Isolation:  one autocommitted write; SQLite has one writer at a time
-- Rows:       none; 1 updated: set. 0: another process was first, read what it set
UPDATE tg_store_info
SET clock_boot_id = :bootId,
    clock_offset_millis = :offsetMillis
WHERE clock_boot_id IS :seenBootId
