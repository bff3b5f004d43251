PRAGMA writable_schema = ON;
INSERT INTO nowhere VALUES (1);
