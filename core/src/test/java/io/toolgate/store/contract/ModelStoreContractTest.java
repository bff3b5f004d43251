package io.toolgate.store.contract;

/** The contract, run on its own model. */
class ModelStoreContractTest extends IdempotencyStoreContract {
    @Override
    protected StoreUnderTest newStore() {
        return new ModelStoreUnderTest(ModelStore::new);
    }
}
