package io.toolgate.migrations;

import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * Ends what a script of SQLite's that failed may have left on: whoever gets its connection from the pool next could write the
 * schema as if it were a table, since no rollback ends that.
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
            throw new FlywayException("PRAGMA writable_schema could not be switched off: close this connection", e);
        }
    }
}
