/** The store for PostgreSQL and SQLite. */
module io.toolgate.store.jdbc {
    requires transitive io.toolgate.core;
    requires transitive java.sql;
    requires transitive org.jdbi.v3.core;
    // Jdbi's, which has no module descriptor to say so: without this line the module path would lack it.
    requires io.leangen.geantyref;
    requires io.toolgate.migrations;
    requires org.slf4j;
    requires static com.google.errorprone.annotations;
    requires static com.zaxxer.hikari;
    requires static org.jspecify;
    requires static org.postgresql.jdbc;
    requires static org.xerial.sqlitejdbc;

    exports io.toolgate.store.jdbc;
}
