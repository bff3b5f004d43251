/** The store for PostgreSQL and SQLite. */
module io.toolgate.store.jdbc {
    requires transitive io.toolgate.core;
    requires transitive java.sql;
    requires transitive org.jdbi.v3.core;
    requires com.zaxxer.hikari;
    // Jdbi's, which has no module descriptor to say so: without this line the module path would lack it.
    requires io.leangen.geantyref;
    requires io.toolgate.migrations;
    requires org.postgresql.jdbc;
    requires org.slf4j;
    requires org.xerial.sqlitejdbc;
    requires static com.google.errorprone.annotations;
    requires static org.jspecify;

    exports io.toolgate.store.jdbc;
}
