/**
 * Stores that are broken on purpose, one fault each: the contract must find every one of them. A suite that cannot fail
 * proves nothing.
 */
@NullMarked
package io.toolgate.store.contract.mutants;

import org.jspecify.annotations.NullMarked;
