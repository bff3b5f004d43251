/**
 * The contract that every {@link io.toolgate.store.IdempotencyStore} must pass, the model store that keeps it, and the
 * checks that run around each test. Published in this module's test-jar with {@link Rule} and what tests of all modules
 * share; the stores' own tests live with the stores.
 */
@NullMarked
package io.toolgate.store.contract;

import org.jspecify.annotations.NullMarked;
