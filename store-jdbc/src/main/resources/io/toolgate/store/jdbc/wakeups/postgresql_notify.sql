-- Purpose:    tells other processes which records are waited for, or have moved
-- Parameters: :channel, :payloads (an array of text, each shorter than 8000 bytes)
-- Index:      none
-- Isolation:  autocommit, in a commit of its own: those that notify commit one after another, behind one lock
-- Rows:       one for each payload
-- Durability: none, on purpose: what is sent is a hint, so nobody waits for a flush while holding that lock
SELECT pg_notify(:channel, payload), set_config('synchronous_commit', 'off', true)
FROM unnest(CAST(:payloads AS text[])) AS sent (payload)
