package io.toolgate.store.jdbc;

import io.toolgate.store.contract.IdempotencyStoreContract;
import io.toolgate.store.contract.StoreUnderTest;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract, with every write in a commit that could be shared. */
class SqliteSharedContractTest extends IdempotencyStoreContract {
    @TempDir
    Path directory;

    @Override
    protected StoreUnderTest newStore() {
        return new SqliteUnderTest(directory.resolve("store.db"), true);
    }
}
