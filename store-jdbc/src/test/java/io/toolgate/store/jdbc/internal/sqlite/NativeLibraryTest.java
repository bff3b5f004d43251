package io.toolgate.store.jdbc.internal.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.toolgate.store.StoreException;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver's native library is loaded from a folder that does not fill, or the store says why it is not. */
@Timeout(60)
class NativeLibraryTest {
    private static final String PROPERTY = "org.sqlite.tmpdir";

    @TempDir
    Path directory;

    private Path temporary;
    private Path file;
    private @Nullable String before;

    @BeforeEach
    void create() throws IOException {
        before = System.getProperty(PROPERTY);
        temporary = Files.createDirectory(directory.resolve("temporary"));
        file = Files.createDirectory(directory.resolve("data")).resolve("store.db");
    }

    @AfterEach
    void restore() {
        if (before == null) {
            System.clearProperty(PROPERTY);
        } else {
            System.setProperty(PROPERTY, before);
        }
    }

    /** Not only the first time, when the driver fails, but also later, when the virtual machine does. */
    private void assertThatEachOpeningIsRefused(Path folder, String reason) throws Exception {
        System.setProperty(PROPERTY, folder.toString());
        try (URLClassLoader copy = AnotherCopy.load()) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> AnotherCopy.open(copy, file))
                        .isInstanceOf(InvocationTargetException.class)
                        .cause()
                        .hasMessageContaining("SQLite's native library could not be loaded: " + reason)
                        .hasMessageContaining("-D" + PROPERTY + "=<folder>")
                        .hasMessageContaining(folder + ", which the system property " + PROPERTY + " names")
                        .extracting(e -> e.getClass().getName())
                        .isEqualTo(StoreException.Misconfigured.class.getName());
            }
        }
        assertThat(file.getParent()).isEmptyDirectory();
        assertThat(System.getProperty(PROPERTY)).isEqualTo(folder.toString());
        assertThat(System.getProperty("org.sqlite.lib.path")).isNull();
    }

    @Test
    void aFolderThatDoesNotExistIsNamed() throws Exception {
        Path missing = directory.resolve("missing");
        assertThatEachOpeningIsRefused(missing, missing + " does not exist");
        assertThat(missing).doesNotExist();
    }

    @Test
    void aFileInsteadOfAFolderIsNamed() throws Exception {
        Path plain = Files.createFile(directory.resolve("plain"));
        assertThatEachOpeningIsRefused(plain, plain + " is not a directory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"noexec", "ro"})
    void aFileSystemThatAllowsNoLibraryIsNamedAndNothingIsLeftThere(String option) throws Exception {
        assumeTrue(
                Mounts.run("mount", "-t", "tmpfs", "-o", option, "tmpfs", temporary.toString()), "only root may mount");
        try {
            assertThatEachOpeningIsRefused(
                    temporary,
                    option.equals("ro") ? temporary + " is not writable" : "it cannot be executed in " + temporary);
            assertThat(temporary).isEmptyDirectory();
        } finally {
            assertThat(Mounts.run("umount", temporary.toString())).isTrue();
        }
    }

    /** The driver's own way leaves a copy for each process that is killed. */
    @Test
    void processesThatAreKilledLeaveOneLibrary() throws Exception {
        for (int i = 0; i < 2; i++) {
            Process process = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-XX:-UsePerfData",
                            "-D" + PROPERTY + "=" + temporary,
                            "-cp",
                            System.getProperty("java.class.path"),
                            "io.toolgate.store.jdbc.Opener",
                            "jdbc:sqlite:" + file,
                            "order-" + i))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader output = process.inputReader()) {
                assertThat(output.readLine()).isEqualTo("ready");
                process.getOutputStream().write('\n');
                process.getOutputStream().flush();
                assertThat(output.readLine()).isEqualTo("Acquired");
            } finally {
                int unused = process.destroyForcibly().waitFor();
            }
        }
        try (Stream<Path> left = Files.walk(temporary)) {
            assertThat(left.filter(Files::isRegularFile))
                    .singleElement()
                    .extracting(path -> path.getFileName().toString())
                    .asString()
                    .startsWith("toolgate-");
        }
    }

    /** Others could exchange the library that this process loads. */
    @Test
    void aFolderThatOthersCanWriteToIsNotUsed() throws Exception {
        Path own = temporary.resolve("toolgate-sqlite-" + System.getProperty("user.name"));
        Path unused = Files.createDirectory(own);
        assumeTrue(Mounts.run("chmod", "a+w", own.toString()), "there is no chmod");
        System.setProperty(PROPERTY, temporary.toString());
        try (URLClassLoader copy = AnotherCopy.load()) {
            AnotherCopy.open(copy, file).close();
        }
        assertThat(own).isEmptyDirectory();
    }
}
