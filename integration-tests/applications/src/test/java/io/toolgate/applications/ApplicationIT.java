package io.toolgate.applications;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.migrations.Database;
import io.toolgate.migrations.MigrationScript;
import io.toolgate.migrations.ToolGateMigrations;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The application in JVMs of its own, with and without ToolGate, however it is packed and whatever migrates it. */
class ApplicationIT {
    private static final String MAIN = "io.toolgate.applications.Application";
    private static final Path NESTED = Path.of(System.getProperty("application.nested"));

    private static EmbeddedPostgres server;

    @TempDir
    Path directory;

    private String url;

    /** What migrates the application's own tables; the pattern names the jars of the others. */
    enum Migration {
        FLYWAY("liquibase", "[flyway_schema_history, orders"),
        LIQUIBASE("flyway", "[databasechangelog, databasechangeloglock, orders"),
        NOTHING("flyway|liquibase", "[orders");

        private final String absent;
        private final String tables;

        Migration(String absent, String tables) {
            this.absent = absent;
            this.tables = tables;
        }
    }

    @BeforeAll
    static void start() throws IOException {
        server = EmbeddedPostgres.start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void createDatabase() throws SQLException {
        String name = "application_" + System.nanoTime();
        run("postgres", "CREATE DATABASE " + name);
        url = server.getJdbcUrl("postgres", name);
    }

    private static void run(String database, String... statements) throws SQLException {
        try (Connection connection = server.getDatabase("postgres", database).getConnection();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private String database() {
        return url.replaceAll(".*/([a-z0-9_]+)\\?.*", "$1");
    }

    private void installToolGate() throws SQLException {
        for (MigrationScript script : ToolGateMigrations.sql(Database.POSTGRESQL)) {
            run(database(), script.sql());
        }
    }

    static Stream<Arguments> ways() {
        return Stream.of(Migration.values())
                .flatMap(migration -> Stream.of(false, true).map(nested -> Arguments.of(migration, nested)));
    }

    @ParameterizedTest(name = "migrated by {0}, nested jar {1}")
    @MethodSource("ways")
    void addingTheLibraryChangesNothingButWhatItIsFor(Migration migration, boolean nested) throws Exception {
        if (migration == Migration.NOTHING) {
            run(database(), "CREATE TABLE orders (id text PRIMARY KEY)");
        }
        List<String> before = launch(nested, migration.absent + "|toolgate");
        assertThat(before).singleElement().asString().isEqualTo("tables: " + migration.tables + "]");

        installToolGate();
        List<String> after = launch(nested, migration.absent);
        assertThat(after).hasSize(2);
        assertThat(after.get(0)).isEqualTo("charged: receipt of order-1");
        assertThat(after.get(1))
                .as("no table of a migration that nobody asked for")
                .isEqualTo("tables: " + migration.tables
                        + ", tg_idempotency, tg_idempotency_checkpoint, tg_idempotency_counts, tg_idempotency_history,"
                        + " tg_idempotency_journal, tg_store_info]");
    }

    @Test
    void theFrameworksFlywayInstallsToolGatesTables() throws Exception {
        assertThat(launch(false, "liquibase", "--migrate=true"))
                .contains("charged: receipt of order-1")
                .last()
                .asString()
                .contains("flyway_schema_history, orders, tg_idempotency,", "tg_schema_history");
    }

    @Test
    void withoutFlywayAMigrationSaysWhatToAdd() throws Exception {
        assertThat(launch(false, "flyway|liquibase", "--migrate=true"))
                .anySatisfy(line -> assertThat(line).contains("org.flywaydb:flyway-database-postgresql"));
    }

    @Test
    void theFrameworksPoolServesAStoreThatIsOpenedByItsUrlOrIsRefusedByItsVersion() throws Exception {
        installToolGate();
        List<String> lines = launch(false, "flyway|liquibase", "--by-url=true");
        if (classPath("flyway|liquibase").contains("HikariCP-5.")) {
            assertThat(lines)
                    .anySatisfy(line -> assertThat(line).contains("HikariCP 5.", "com.zaxxer:HikariCP", "or newer"));
        } else {
            assertThat(lines).contains("charged: receipt of order-1");
        }
    }

    /** What the application prints, without its log; its exception, if it fails. */
    private List<String> launch(boolean nested, String absent, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1"));
        if (nested) {
            command.addAll(List.of("-jar", without(absent).toString()));
        } else {
            command.addAll(List.of("-cp", classPath(absent), MAIN));
        }
        command.add("--spring.datasource.url=" + url);
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(directory, "out", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        try {
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("ended in time").isTrue();
        } finally {
            process.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(out);
        assertThat(lines).as("no application fails for want of a class").noneMatch(line -> line.contains("NoClassDef")
                || line.contains("NoSuchMethod"));
        return lines.stream()
                .filter(line -> line.matches("(charged|tables): .*|.*(Misconfigured|Caused by).*"))
                .toList();
    }

    /** The class path of this test has the application's own jars, and more that they do not need. */
    private static String classPath(String absent) {
        Pattern pattern = Pattern.compile(absent);
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !pattern.matcher(Path.of(entry).getFileName().toString()).find()
                        || entry.endsWith("classes"))
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** The nested jar without some of the jars in it. */
    private Path without(String absent) throws IOException {
        Pattern pattern = Pattern.compile("BOOT-INF/lib/[^/]*(" + absent + ")[^/]*\\.jar");
        Path jar = directory.resolve("application.jar");
        try (ZipFile from = new ZipFile(NESTED.toFile());
                OutputStream file = Files.newOutputStream(jar);
                ZipOutputStream to = new ZipOutputStream(file)) {
            for (ZipEntry entry : Collections.list(from.entries())) {
                if (pattern.matcher(entry.getName()).find() || entry.getName().endsWith(".idx")) {
                    continue;
                }
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setMethod(entry.getMethod());
                if (entry.getMethod() == ZipEntry.STORED) {
                    copy.setSize(entry.getSize());
                    copy.setCompressedSize(entry.getSize());
                    copy.setCrc(entry.getCrc());
                }
                to.putNextEntry(copy);
                from.getInputStream(entry).transferTo(to);
                to.closeEntry();
            }
        }
        return jar;
    }
}
