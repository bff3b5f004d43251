package io.toolgate.store;

/** A registration that ends when it is closed. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    /** Ends the registration. Idempotent. */
    @Override
    void close();
}
