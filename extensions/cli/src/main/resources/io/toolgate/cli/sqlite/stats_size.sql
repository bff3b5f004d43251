-- Purpose:    how much room the file takes, whatever is in it
-- Parameters: none
-- Index:      none
-- Isolation:  a part of one snapshot of the WAL; takes no lock that a writer waits for
-- Rows:       1, always
SELECT page_count * page_size AS bytes
FROM pragma_page_count, pragma_page_size
