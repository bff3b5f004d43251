/** The schema as SQL files, and the class that brings a database to its newest version. */
@SuppressWarnings("opens") // packages of SQL files only, which Flyway finds through the class loader
module io.toolgate.migrations {
    requires transitive java.sql;
    requires static com.google.errorprone.annotations;
    requires static flyway.core;
    requires static org.jspecify;

    exports io.toolgate.migrations;

    opens io.toolgate.migrations.schema.postgresql;
    opens io.toolgate.migrations.schema.sqlite;
}
