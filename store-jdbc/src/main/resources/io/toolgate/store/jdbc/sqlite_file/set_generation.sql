-- Purpose:    makes the generation of the file grow, by which an older copy of it is recognised
-- Parameters: :generation, :seenGeneration
-- Index:      none; the table has one row
-- Isolation:  autocommit. SQLite has one writer at a time
-- Rows:       none is returned. Rows written:
--             1: set
--             0: another process was first
--             more: never
UPDATE tg_store_info
SET file_generation = :generation
WHERE file_generation = :seenGeneration
