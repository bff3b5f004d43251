package io.toolgate.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.migrations.ToolGateMigrations;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Launches the example with the jars that an application has, as a process of its own. */
@Timeout(180)
class ChargeOnceIT {
    private static final String MODULE = "io.toolgate.examples";
    private static final String MAIN = ChargeOnce.class.getName();

    @TempDir
    Path directory;

    /** How a JVM finds the jars. */
    enum Launch {
        CLASS_PATH {
            @Override
            List<String> options(String jars) {
                return List.of("-cp", jars, MAIN);
            }
        },
        MODULE_PATH {
            @Override
            List<String> options(String jars) {
                return List.of("-p", jars, "-m", MODULE + "/" + MAIN);
            }
        };

        abstract List<String> options(String jars);
    }

    @ParameterizedTest
    @EnumSource(Launch.class)
    void chargesOnceOnSqlite(Launch launch) throws Exception {
        chargesOnce(launch, "jdbc:sqlite:" + directory.resolve("toolgate.db"));
    }

    @ParameterizedTest
    @EnumSource(Launch.class)
    void chargesOnceOnPostgresql(Launch launch) throws Exception {
        try (EmbeddedPostgres server = EmbeddedPostgres.start()) {
            String name = "payments";
            try (Connection connection = server.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE " + name);
            }
            // An administrator does this; no application runs DDL on PostgreSQL by accident.
            var unused = ToolGateMigrations.migrate(server.getDatabase("postgres", name));
            chargesOnce(launch, server.getJdbcUrl("postgres", name));
        }
    }

    private void chargesOnce(Launch launch, String url) throws Exception {
        List<String> first = run(launch, url);
        assertThat(first).hasSize(2);
        assertThat(first.get(0)).isEqualTo("charged order-981");
        assertThat(first.get(1)).startsWith("Receipt[id=").endsWith("order=order-981, cents=4200]");
        assertThat(run(launch, url)).as("second run").containsExactly(first.get(1));
    }

    private List<String> run(Launch launch, String url) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(launch.options(jars()));
        command.add(url);
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("ended in time")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(Files.readString(err)).isZero();
        return Files.readAllLines(out);
    }

    private static String jars() throws IOException {
        List<String> jars = new ArrayList<>();
        for (Path directory : List.of(Path.of("target"), Path.of("target", "lib"))) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.jar")) {
                files.forEach(jar -> jars.add(jar.toAbsolutePath().toString()));
            }
        }
        assertThat(jars).as("the example's jar and those it needs").hasSizeGreaterThan(5);
        return String.join(File.pathSeparator, jars);
    }
}
