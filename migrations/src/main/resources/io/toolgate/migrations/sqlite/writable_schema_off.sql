-- Purpose:    ends the writing of the schema's text that a script began and did not come to end
-- Parameters: none
-- Indexes:    none
-- Isolation:  any
-- Rows:       none
PRAGMA writable_schema = OFF
