package io.toolgate.store.contract;

/** The model keeps the contract that it is the model of. */
class ModelStoreContractTest extends IdempotencyStoreContract {
    @Override
    protected StoreUnderTest newStore() {
        return new ModelStoreUnderTest(ModelStore::new);
    }
}
