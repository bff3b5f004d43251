package io.toolgate.migrations;

import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * Flyway callback that switches {@code PRAGMA writable_schema} off after a failed SQLite script. A rollback does not,
 * and the next user of the pooled connection could write the schema as if it were a table.
 */
final class WritableSchemaOff extends BaseCallback {
    @Override
    public boolean supports(Event event, Context context) {
        return event == Event.AFTER_EACH_MIGRATE_ERROR;
    }

    @Override
    public void handle(Event event, Context context) {
        try (Statement statement = context.getConnection().createStatement()) {
            boolean unused = statement.execute(Resources.read("sqlite/writable_schema_off.sql"));
        } catch (SQLException e) {
            throw new FlywayException(
                    "Cannot switch PRAGMA writable_schema off after a failed script; close this connection and do not"
                            + " reuse it",
                    e);
        }
    }
}
