package io.toolgate.race.run;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.race.RaceMain;
import io.toolgate.race.action.ChargeAction;
import io.toolgate.race.fault.Fault;
import io.toolgate.support.process.JavaCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The command that does the same again. The password stays where it was given. */
public final class Repeat {
    private final List<String> words = new ArrayList<>(JavaCommand.asTyped(RaceMain.class));

    private Repeat() {}

    /** The {@code run} command with these settings, as a person types it into a shell. */
    public static String command(RaceSettings settings) {
        return new Repeat().words("run").database(settings).race(settings).line();
    }

    /** The {@code demo} command with these settings and {@code more} options; a runtime is not among them. */
    public static String demo(RaceSettings settings, String... more) {
        return new Repeat()
                .words("demo")
                .database(settings)
                .size(settings)
                .words(more)
                .line();
    }

    @CanIgnoreReturnValue
    private Repeat database(RaceSettings settings) {
        if (settings.database() != null) {
            option("--url", settings.database().url());
            if (settings.database().user() != null) {
                option("--user", settings.database().user());
            }
        }
        if (settings.embeddedPostgres()) {
            words("--embedded-postgres");
        }
        return this;
    }

    @CanIgnoreReturnValue
    private Repeat size(RaceSettings settings) {
        option("--processes", settings.processes());
        option("--keys", settings.keys());
        option("--duplicates", settings.duplicates());
        option("--action-millis", settings.actionMillis());
        option("--seed", settings.seed());
        return this;
    }

    @CanIgnoreReturnValue
    private Repeat race(RaceSettings settings) {
        size(settings);
        option("--lease-millis", settings.leaseMillis());
        option("--wait-millis", settings.waitMillis());
        option("--recovery", lower(settings.recovery().name()));
        option("--provider", settings.dedupes() ? "dedupe" : "no-dedupe");
        if (!settings.faults().isEmpty()) {
            option(
                    "--faults",
                    settings.faults().stream()
                            .sorted()
                            .map(kind -> lower(kind.name()))
                            .collect(Collectors.joining(",")));
        }
        for (Fault fault : settings.failpoints()) {
            if (fault.point() != null) {
                option(
                        "--failpoint",
                        fault.point().text() + ":" + lower(fault.kind().name()));
            }
        }
        if (!settings.faults().isEmpty() || !settings.failpoints().isEmpty()) {
            option("--fault-every-millis", settings.faultEveryMillis());
        }
        option("--mischief-percent", settings.mischiefPercent());
        if (settings.soakSeconds() > 0) {
            option("--seconds", settings.soakSeconds());
        }
        if (!settings.action().equals(ChargeAction.class.getName())) {
            option("--action", settings.action());
        }
        if (settings.runtime() != null) {
            option(RunCommand.RUNTIME, settings.runtime());
        }
        return this;
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private void option(String name, Object value) {
        words(name, value.toString());
    }

    @CanIgnoreReturnValue
    private Repeat words(String... more) {
        words.addAll(List.of(more));
        return this;
    }

    private String line() {
        return words.stream().map(Repeat::quoted).collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:=@%+,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
