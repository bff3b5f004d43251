/**
 * ToolGate's API and the interface that stores implement. Everything else in this module is private to it.
 *
 * <p>Jackson 2 or 3 (for {@code JsonCodec} and {@code Fingerprint.json()}) and Caffeine (for {@code ReplayCache}) are
 * optional: an application that uses them requires them itself.
 */
module io.toolgate.core {
    requires org.slf4j;
    requires static com.fasterxml.jackson.annotation;
    requires static com.fasterxml.jackson.core;
    requires static com.fasterxml.jackson.databind;
    requires static com.github.benmanes.caffeine;
    requires static com.google.errorprone.annotations;
    requires static org.jspecify;
    requires static tools.jackson.core;
    requires static tools.jackson.databind;

    exports io.toolgate;
    exports io.toolgate.store;
}
