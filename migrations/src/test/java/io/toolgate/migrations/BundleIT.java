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
                        "postgresql/grants.sql",
                        "postgresql/journal_off.sql",
                        "postgresql/journal_on.sql",
                        "postgresql/monitoring.sql",
                        "postgresql/purge.sql",
                        "postgresql/toolgate_1__schema.sql",
                        "postgresql/uninstall.sql",
                        "sqlite/journal_off.sql",
                        "sqlite/journal_on.sql",
                        "sqlite/toolgate_1__schema.sql");
    }

    @Test
    void theMigrationsAreByteForByteTheOnesInTheJar() throws IOException {
        List<String> inJar = files(JAR).stream()
                .filter(name -> name.matches(".*(/toolgate_[0-9]+__|/journal_o).*"))
                .toList();

        assertThat(inJar).hasSize(6);
        for (String name : inJar) {
            String inBundle = name.replaceFirst("io/toolgate/migrations/(schema/)?", "");
            assertThat(bytes(ZIP, inBundle)).isEqualTo(bytes(JAR, name));
        }
    }

    @Test
    void everyFileIsByteForByteItsSource() throws IOException {
        for (String name : files(ZIP)) {
            Path folder = name.contains("/toolgate_")
                    ? Bundle.MIGRATIONS
                    : name.contains("/journal_") ? Bundle.JOURNAL : Bundle.FOLDER;
            Path source = folder.resolve(name);
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
        assertThat(files(JAR)).noneMatch(name -> name.contains("grants") || name.contains("uninstall"));
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
