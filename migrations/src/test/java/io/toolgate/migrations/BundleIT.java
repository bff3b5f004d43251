package io.toolgate.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** The bundle that was just built holds what it should, and the same SQL as the jar. */
class BundleIT {

    private static final Path ZIP = Path.of(System.getProperty("toolgate.bundle"));
    private static final Path JAR = Path.of(System.getProperty("toolgate.jar"));

    @Test
    void theBundleHoldsExactlyTheExpectedFiles() throws IOException {
        assertThat(files(ZIP))
                .containsExactlyInAnyOrder(
                        "README.md",
                        "postgresql/V1__idempotency.sql",
                        "postgresql/V2__history_and_journal.sql",
                        "postgresql/V3__cheaper_checks.sql",
                        "postgresql/grants.sql",
                        "postgresql/journal_off.sql",
                        "postgresql/journal_on.sql",
                        "postgresql/monitoring.sql",
                        "postgresql/purge.sql",
                        "postgresql/rollback/U1__idempotency.sql",
                        "postgresql/rollback/U2__history_and_journal.sql",
                        "postgresql/rollback/U3__cheaper_checks.sql",
                        "sqlite/V1__idempotency.sql",
                        "sqlite/V2__history_and_journal.sql",
                        "sqlite/V3__cheaper_checks.sql",
                        "sqlite/journal_off.sql",
                        "sqlite/journal_on.sql");
    }

    @Test
    void theMigrationsAreByteForByteTheOnesInTheJar() throws IOException {
        List<String> inJar = files(JAR).stream()
                .filter(name -> name.startsWith("db/toolgate/"))
                .toList();

        assertThat(inJar).hasSize(10);
        for (String name : inJar) {
            assertThat(bytes(ZIP, name.substring("db/toolgate/".length()))).isEqualTo(bytes(JAR, name));
        }
    }

    @Test
    void everyFileIsByteForByteItsSource() throws IOException {
        for (String name : files(ZIP)) {
            boolean migration = name.contains("/V") || name.contains("/journal_");
            Path source = migration ? Bundle.MIGRATIONS.resolve(name) : Bundle.FOLDER.resolve(name);
            assertThat(bytes(ZIP, name)).as(name).isEqualTo(Files.readAllBytes(source));
        }
    }

    @Test
    void theReadmeNamesEveryFile() throws IOException {
        String readme = Bundle.text("README.md");
        assertThat(files(ZIP))
                .filteredOn(name -> !name.equals("README.md"))
                .allSatisfy(name -> assertThat(readme).contains("`" + name + "`"));
    }

    @Test
    void theOtherSqlStaysOutOfTheJar() throws IOException {
        assertThat(files(JAR)).noneMatch(name -> name.contains("grants") || name.contains("rollback"));
    }

    private static List<String> files(Path archive) throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile());
                Stream<? extends ZipEntry> entries = zip.stream()) {
            return entries.filter(entry -> !entry.isDirectory())
                    .<String>map(ZipEntry::getName)
                    .toList();
        }
    }

    private static byte[] bytes(Path archive, String name) throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            return zip.getInputStream(zip.getEntry(name)).readAllBytes();
        }
    }
}
