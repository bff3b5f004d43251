/** A program that uses ToolGate, as an application's module does. */
module io.toolgate.examples {
    requires io.toolgate.core;
    requires io.toolgate.store.jdbc;
    // The pool of a store that is opened by its URL; its driver is found as a service.
    requires com.zaxxer.hikari;
    requires com.fasterxml.jackson.databind;
    requires static com.google.errorprone.annotations;
    requires static org.jspecify;

    // Jackson reads and writes the records.
    opens io.toolgate.examples to
            com.fasterxml.jackson.databind;
}
