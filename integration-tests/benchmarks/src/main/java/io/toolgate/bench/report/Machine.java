package io.toolgate.bench.report;

import io.toolgate.bench.BenchMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The machine that figures were measured on, as a report says it. */
public final class Machine {
    private Machine() {}

    public static Map<String, Object> facts(InstantSource clock) throws IOException {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("date", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put(
                "toolgate",
                Objects.requireNonNullElse(BenchMain.class.getPackage().getImplementationVersion(), "unpackaged"));
        facts.put("cores", Runtime.getRuntime().availableProcessors());
        facts.put("processor", fromProc("/proc/cpuinfo", "model name"));
        facts.put("memory", fromProc("/proc/meminfo", "MemTotal"));
        facts.put("load_average", loadAverage());
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        return facts;
    }

    private static String fromProc(String file, String name) throws IOException {
        Path path = Path.of(file);
        List<String> lines = Files.isReadable(path) ? Files.readAllLines(path) : List.of();
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }

    private static String loadAverage() throws IOException {
        Path path = Path.of("/proc/loadavg");
        return Files.isReadable(path) ? Files.readString(path).replaceAll(" \\d+/.*\\s*", "") : "unknown";
    }
}
