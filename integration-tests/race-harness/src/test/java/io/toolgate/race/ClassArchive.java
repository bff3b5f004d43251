package io.toolgate.race;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.support.process.RunDirectory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The JVM's archive of the classes that a race loads. Races start hundreds of processes, and most of the CPU time of a
 * short one goes into loading classes.
 */
final class ClassArchive {
    private static final Path TARGET = RaceJar.JAR.resolveSibling("class-archive");
    private static final Path ARCHIVE = TARGET.resolve("race.jsa");

    private ClassArchive() {}

    /** The option of the JVM that uses it; made when it is first needed after the jar was built. */
    static String option() throws IOException, InterruptedException {
        Files.createDirectories(TARGET);
        // Race: two test JVMs make it at the same time. The second one waits, and finds it.
        try (FileChannel channel =
                        FileChannel.open(TARGET.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (!Files.exists(ARCHIVE)
                    || Files.getLastModifiedTime(ARCHIVE).compareTo(Files.getLastModifiedTime(RaceJar.JAR)) < 0) {
                create();
            }
        }
        return "-XX:SharedArchiveFile=" + ARCHIVE;
    }

    private static void create() throws IOException, InterruptedException {
        Path scratch = Files.createTempDirectory(TARGET, "race");
        ProcessBuilder race =
                command(scratch, "-jar", RaceJar.JAR.toString(), "demo", "--processes", "1", "--keys", "2", "--json");
        // The only way to the JVMs of the race's children.
        race.environment().put("JAVA_TOOL_OPTIONS", "-XX:DumpLoadedClassList=" + scratch.resolve("loaded-%p"));
        run(race, scratch);
        Set<String> loaded = new LinkedHashSet<>();
        try (DirectoryStream<Path> lists = Files.newDirectoryStream(scratch, "loaded-*")) {
            for (Path list : lists) {
                loaded.addAll(Files.readAllLines(list));
            }
        }
        Path classes = Files.write(scratch.resolve("classes"), loaded);
        Path archive = scratch.resolve("race.jsa");
        ProcessBuilder dump = command(
                scratch,
                "-Xshare:dump",
                "-XX:SharedClassListFile=" + classes,
                "-XX:SharedArchiveFile=" + archive,
                "-cp",
                RaceJar.JAR.toString());
        run(dump, scratch);
        Files.move(archive, ARCHIVE, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        RunDirectory.deleteTree(scratch);
    }

    private static ProcessBuilder command(Path scratch, String... arguments) {
        ProcessBuilder command = new ProcessBuilder(
                Stream.concat(Stream.of(RaceJar.JAVA, "-Djava.io.tmpdir=" + scratch), Stream.of(arguments))
                        .toList());
        return command.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        scratch.resolve("output").toFile()));
    }

    private static void run(ProcessBuilder command, Path scratch) throws IOException, InterruptedException {
        Process process = command.start();
        boolean ended = process.waitFor(RaceJar.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        assertThat(ended && process.exitValue() == 0)
                .as("%s: %s", command.command(), Files.readString(scratch.resolve("output")))
                .isTrue();
    }
}
