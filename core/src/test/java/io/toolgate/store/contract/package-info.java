/**
 * The contract that every {@link io.toolgate.store.IdempotencyStore} must pass, the model store that defines what
 * passing looks like, and the checks that run around each test. Published in this module's test-jar; the stores' own
 * tests live with the stores.
 */
@NullMarked
package io.toolgate.store.contract;

import org.jspecify.annotations.NullMarked;
