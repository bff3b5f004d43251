-- Purpose:    has this connection hear what is sent on a channel
-- Parameters: none: a command takes none, so the name that postgresql_channel.sql gives takes the place of "toolgate"
-- Index:      none
-- Isolation:  autocommit; heard is what commits after this has committed
-- Rows:       none
LISTEN "toolgate"
