-- Purpose:    identifies the store in a file, and reads the generation of the file and the offset that turns the
--             kernel's time since boot into a time of day
-- Parameters: none
-- Index:      none; the table has one row
-- Isolation:  one snapshot of the WAL
-- Rows:       1, always
SELECT store_id, file_generation, clock_boot_id, clock_offset_millis
FROM tg_store_info
