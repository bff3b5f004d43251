package io.toolgate.store.jdbc;

class PostgresFaultInjectionTest extends FaultInjectionRules {
    @Override
    Backend openBackend() {
        return Backend.postgres();
    }
}
