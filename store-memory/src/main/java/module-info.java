/** A store in memory, for tests and single processes. */
module io.toolgate.store.memory {
    requires transitive io.toolgate.core;
    requires org.slf4j;
    requires static com.google.errorprone.annotations;
    requires static org.jspecify;

    exports io.toolgate.store.memory;
}
