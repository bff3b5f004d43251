package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Fingerprint;
import io.toolgate.IdempotencyKey;
import io.toolgate.IsolatedClassPath;
import io.toolgate.IsolatedClassPath.Services;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Stores on class paths that lack what they do not need, and what is said where they lack what they need. */
class OptionalLibrariesTest {
    private static final String URL = "OptionalLibrariesTest.url";
    private static final String SQLITE = "/sqlite-jdbc/";
    private static final String POSTGRESQL = "/org/postgresql/";
    private static final String POOL = "/HikariCP/";
    private static final String FLYWAY = "/flywaydb/";

    @TempDir
    Path directory;

    @AfterEach
    void clear() {
        System.clearProperty(URL);
    }

    /** A key that runs once, and a statement that fails. */
    private static String use(JdbcIdempotencyStore store) {
        try (store;
                ToolGate gate = ToolGate.on(store).build()) {
            PaidAction<String, String> action = PaidAction.<String, String>named("charge")
                    .run((input, attempt) -> "paid " + input)
                    .codec(ResultCodec.text())
                    .fingerprint(Fingerprint.text())
                    .build();
            String first = gate.execute(action, IdempotencyKey.of("k"), "42").valueOrThrow();
            return first + ", " + gate.execute(action, IdempotencyKey.of("k"), "42") + ", " + store.purge(1);
        }
    }

    /** Opens a store by its URL and uses it. */
    public static final class ByUrl implements Callable<Object> {
        @Override
        public Object call() {
            try {
                return use(JdbcIdempotencyStore.open(System.getProperty(URL)));
            } catch (StoreException.Misconfigured e) {
                return "refused: " + e.getMessage();
            }
        }
    }

    /** Opens a store by its URL, and lets it migrate. */
    public static final class Migrating implements Callable<Object> {
        @Override
        public Object call() {
            try {
                return use(JdbcIdempotencyStore.builder(System.getProperty(URL))
                        .migrate(true)
                        .open());
            } catch (StoreException.Misconfigured e) {
                return "refused: " + e.getMessage();
            }
        }
    }

    /** Opens a store on a data source, uses it, and has a statement fail. */
    public static final class OnADataSource implements Callable<Object> {
        @Override
        public Object call() {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(System.getProperty(URL));
            String used = use(JdbcIdempotencyStore.builder(source).open());
            TestSql.run(source, "DROP TABLE tg_idempotency_counts, tg_idempotency");
            try (JdbcIdempotencyStore store =
                    JdbcIdempotencyStore.builder(source).open()) {
                return used + store.activeConnections();
            } catch (StoreException.Misconfigured e) {
                return used + "; refused: " + e.getMessage();
            }
        }
    }

    private static String run(Class<? extends Callable<Object>> type, String url, String... without) throws Exception {
        System.setProperty(URL, url);
        return (String) IsolatedClassPath.call(type, without);
    }

    private String file() {
        return "jdbc:sqlite:" + directory.resolve("store.db");
    }

    @Test
    void aSqliteStoreNeedsNeitherFlywayNorPostgresqlsDriver() throws Exception {
        assertThat(run(ByUrl.class, file(), POSTGRESQL, FLYWAY))
                .startsWith("paid 42, Completed")
                .endsWith(", 0");
    }

    @Test
    void aPostgresqlStoreNeedsNeitherSqlitesDriverNorFlyway() throws Exception {
        TestDatabase database = TestPostgres.migrated();
        try {
            assertThat(run(Migrating.class, database.url(), SQLITE, FLYWAY)).startsWith("paid 42, Completed");
            assertThat(run(OnADataSource.class, database.url(), SQLITE, POOL, FLYWAY))
                    .startsWith("paid 42, Completed")
                    .contains("; refused: ", "tg_store_info but not tg_idempotency");
        } finally {
            database.drop();
        }
    }

    @Test
    void aMissingDriverOrPoolIsNamedAndNothingIsWritten() throws Exception {
        assertThat(run(ByUrl.class, file(), SQLITE))
                .startsWith("refused: " + file())
                .contains("the driver of SQLite", "Add org.xerial:sqlite-jdbc");
        assertThat(run(ByUrl.class, file(), POOL)).contains("HikariCP, the pool", "Add com.zaxxer:HikariCP");
        assertThat(directory).isEmptyDirectory();
        String url = TestPostgres.shared().url();
        assertThat(run(ByUrl.class, url, POSTGRESQL)).contains("the driver of PostgreSQL", "org.postgresql:postgresql");
        assertThat(run(ByUrl.class, url, POOL)).contains("Add com.zaxxer:HikariCP", "builder(dataSource)");
    }

    @Test
    void aMigrationWithoutFlywaySaysWhatToAdd() throws Exception {
        TestDatabase database = TestPostgres.empty();
        try {
            assertThat(run(Migrating.class, database.url(), FLYWAY))
                    .startsWith("refused: ")
                    .contains("org.flywaydb:flyway-core and org.flywaydb:flyway-database-postgresql", "SQL bundle");
            assertThat(database.count("SELECT count(*) FROM pg_class WHERE relname LIKE 'tg%'"))
                    .isZero();
        } finally {
            database.drop();
        }
    }

    @Test
    void aMigrationWithHalfOfFlywaySaysWhatToAdd() throws Exception {
        TestDatabase database = TestPostgres.empty();
        try {
            assertThat(run(Migrating.class, database.url(), "/flyway-database-postgresql/"))
                    .startsWith("refused: ")
                    .contains("org.flywaydb:flyway-database-postgresql", "META-INF/services");
        } finally {
            database.drop();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ALL")
    void aJarThatKeptOneFileOfEachServiceOpensWhatIsCurrentAndElseSaysWhatToMerge(Services kept) throws Exception {
        System.setProperty(URL, file());
        assertThat((String) IsolatedClassPath.call(ByUrl.class, kept)).startsWith("paid 42, Completed");
        TestDatabase current = TestPostgres.migrated();
        TestDatabase empty = TestPostgres.empty();
        try {
            System.setProperty(URL, current.url());
            assertThat((String) IsolatedClassPath.call(Migrating.class, kept)).startsWith("paid 42, Completed");
            System.setProperty(URL, empty.url());
            assertThat((String) IsolatedClassPath.call(Migrating.class, kept))
                    .contains("Flyway, which creates", "merge their files of the same name in META-INF/services");
        } finally {
            current.drop();
            empty.drop();
        }
    }
}
