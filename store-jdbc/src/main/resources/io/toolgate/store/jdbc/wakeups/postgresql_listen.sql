-- Purpose:    subscribes this connection to a channel
-- Parameters: none: LISTEN takes none, so the name from postgresql_channel.sql is put in the place of "toolgate"
-- Index:      none
-- Isolation:  autocommit; notifications that commit after this statement are received
-- Rows:       none
LISTEN "toolgate"
