package io.toolgate.support.process;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Command lines that start this program again in a child process, on the same JDK and class path. */
public final class JavaCommand {
    // Many processes on few cores that live shortly: the start matters, not the peak.
    private static final List<String> SHORT_LIVED = List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-Xmx128m",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");

    private static final List<String> MEASURED = List.of("-Xmx512m");

    /** What a child is given too if its parent has it: the archive of classes, and where PostgreSQL's programs are. */
    private static final List<String> PASSED_ON =
            List.of("-XX:SharedArchiveFile=", "-D" + PostgresGuard.PROGRAMS + "=");

    private JavaCommand() {}

    /**
     * Runs {@code main} with {@code arguments} in a JVM that starts quickly and stays small. It uses the archive of
     * classes and the unpacked programs that this process was started with, if there are any.
     *
     * @param scratch the directory where the child's libraries unpack their native code
     */
    public static List<String> shortLived(Path scratch, Class<?> main, String... arguments) {
        return command(SHORT_LIVED, scratch, classPath(), main, arguments);
    }

    /**
     * The same, with the directory {@code first} ahead of the class path: its files replace others of the same name.
     */
    public static List<String> shortLived(Path scratch, @Nullable Path first, Class<?> main, String... arguments) {
        String classPath = first == null ? classPath() : first + File.pathSeparator + classPath();
        return command(SHORT_LIVED, scratch, classPath, main, arguments);
    }

    /** Runs {@code main} with {@code arguments} in a JVM with the usual settings except for a smaller heap. */
    public static List<String> measured(Path scratch, Class<?> main, String... arguments) {
        return command(MEASURED, scratch, classPath(), main, arguments);
    }

    private static List<String> command(
            List<String> options, Path scratch, String classPath, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> PASSED_ON.stream().anyMatch(option::startsWith))
                .forEach(command::add);
        command.add("-Dorg.sqlite.tmpdir=" + scratch);
        command.add("-Djava.io.tmpdir=" + scratch);
        // SQLite's driver loads a native library, of which newer JDKs warn otherwise.
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** The words that a person types to start this program: {@code java -jar …} if it was started from one jar. */
    public static List<String> asTyped(Class<?> main) {
        String classPath = classPath();
        boolean oneJar = classPath.endsWith(".jar") && classPath.indexOf(File.pathSeparatorChar) < 0;
        return oneJar ? List.of("java", "-jar", classPath) : List.of("java", "-cp", classPath, main.getName());
    }

    private static String classPath() {
        return System.getProperty("java.class.path");
    }
}
