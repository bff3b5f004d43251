package io.toolgate.race.process;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says how to start this very program again, in a process of its own that starts quickly and stays small. */
public final class JavaLauncher {
    private JavaLauncher() {}

    /**
     * The command that runs {@code main} with {@code arguments} on this JDK and class path.
     *
     * @param scratch where the child's libraries may unpack what they bring along
     */
    public static List<String> command(Path scratch, Class<?> main, String... arguments) {
        return command(scratch, null, main, arguments);
    }

    /** As the other one, with {@code before} ahead of the class path, so that files in it take the place of others. */
    public static List<String> command(Path scratch, @Nullable Path before, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(java().toString());
        // Many short-lived processes on few cores: what counts is the start, not the peak.
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx128m"));
        command.add("-Dorg.sqlite.tmpdir=" + scratch);
        command.add("-Djava.io.tmpdir=" + scratch);
        command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
        // SQLite's driver loads a native library, which newer JDKs want to be told about.
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-cp");
        command.add(before == null ? classPath() : before + File.pathSeparator + classPath());
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return command;
    }

    /** What a person types to start this program: {@code java -jar …}, where it was started so. */
    public static List<String> asTyped(Class<?> main) {
        String classPath = classPath();
        boolean oneJar = classPath.endsWith(".jar") && classPath.indexOf(File.pathSeparatorChar) < 0;
        return oneJar ? List.of("java", "-jar", classPath) : List.of("java", "-cp", classPath, main.getName());
    }

    private static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    private static String classPath() {
        return System.getProperty("java.class.path");
    }
}
