-- Purpose:    the size of the file, free pages included
-- Parameters: none
-- Index:      none
-- Isolation:  part of the caller's snapshot of the WAL; takes no lock that blocks a writer
-- Rows:       1, always
SELECT page_count * page_size AS bytes
FROM pragma_page_count, pragma_page_size
