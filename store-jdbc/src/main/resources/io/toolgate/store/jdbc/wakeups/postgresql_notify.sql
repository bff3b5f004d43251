-- Purpose:    notifies other processes of records that are waited for, or that have changed
-- Parameters: :channel, :payloads (a text array, each element shorter than 8000 bytes)
-- Index:      none
-- Isolation:  autocommit, in a commit of its own, because commits that notify wait for each other behind one lock of
--             the database
-- Rows:       one for each payload
-- Durability: none, on purpose: a notification is only a hint, and no commit waits for a flush while it holds that
--             lock
SELECT pg_notify(:channel, payload), set_config('synchronous_commit', 'off', true)
FROM unnest(CAST(:payloads AS text[])) AS sent (payload)
