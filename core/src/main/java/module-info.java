/**
 * ToolGate's API and the interface that stores implement. Everything else in this module is private to it.
 *
 * <p>Jackson (for {@code JsonCodec} and {@code Fingerprint.json()}) and Caffeine (for {@code ReplayCache}) are
 * optional: an application that uses them requires them itself.
 */
module io.toolgate.core {
    requires org.slf4j;
    requires static com.fasterxml.jackson.core;
    requires static com.fasterxml.jackson.databind;
    requires static com.github.benmanes.caffeine;
    requires static com.google.errorprone.annotations;
    requires static org.jspecify;

    exports io.toolgate;
    exports io.toolgate.store;
}
