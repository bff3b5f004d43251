package io.toolgate.cli;

import io.toolgate.cli.CliDatabase.Kind;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs the tests of a command on either database, with an open store in it. */
@ParameterizedClass
@EnumSource(Kind.class)
abstract class CommandTestBase {
    @Parameter
    Kind kind;

    @TempDir
    Path directory;

    CliDatabase database;
    JdbcIdempotencyStore store;

    @BeforeEach
    void openStore() {
        database = new CliDatabase(kind, directory);
        store = database.open();
    }

    @AfterEach
    void closeStore() {
        store.close();
        database.close();
    }
}
