package io.toolgate.bench.command;

import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.contender.DatabaseKind;
import io.toolgate.bench.contender.GrowableFactory;
import io.toolgate.bench.contender.PurgeableFactory;
import io.toolgate.bench.own.HandWrittenFactory;
import io.toolgate.bench.own.ToolGateFactory;
import io.toolgate.bench.rivals.Rivals;
import io.toolgate.support.UsageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All contenders, in the order of reports, and the choice among them. */
public final class Contenders {
    static final List<ContenderFactory> ALL = Stream.concat(
                    Stream.of(new ToolGateFactory(), HandWrittenFactory.jdbc(), HandWrittenFactory.jdbi()),
                    Rivals.ALL.stream())
            .toList();

    private Contenders() {}

    /** A requirement of a benchmark on its contenders. */
    enum Needed {
        CALLS(ContenderFactory.class, "it cannot be called"),
        FILLING(GrowableFactory.class, "its tables cannot be filled other than by calling it"),
        PURGE(PurgeableFactory.class, "it has no purge that runs beside calls");

        private final Class<? extends ContenderFactory> type;
        private final String lack;

        Needed(Class<? extends ContenderFactory> type, String lack) {
            this.type = type;
            this.lack = lack;
        }
    }

    /**
     * The contenders of a run.
     *
     * @param chosen in order
     * @param leftOut the reason why a contender cannot take part, by its name
     */
    record Field(List<ContenderFactory> chosen, Map<String, String> leftOut) {}

    /**
     * The contender called {@code name}.
     *
     * @throws UsageException if there is none
     */
    public static ContenderFactory named(String name) {
        return ALL.stream()
                .filter(contender -> contender.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new UsageException("there is no contender '" + name + "', only "
                        + ALL.stream().map(ContenderFactory::name).collect(Collectors.joining(", "))));
    }

    /**
     * Chooses the contenders with {@code names}, or all if there are none.
     *
     * @param needed what they must be able to do
     * @throws UsageException if one that was named does not exist or cannot take part
     */
    static Field choose(List<String> names, DatabaseKind kind, Needed needed) {
        List<ContenderFactory> chosen = new ArrayList<>();
        Map<String, String> leftOut = new LinkedHashMap<>();
        List<ContenderFactory> asked = names.isEmpty()
                ? ALL
                : names.stream().distinct().map(Contenders::named).toList();
        for (ContenderFactory contender : asked) {
            if (!contender.supports(kind)) {
                leftOut.put(contender.name(), "it does not support " + kind.label());
            } else if (!needed.type.isInstance(contender)) {
                leftOut.put(contender.name(), needed.lack);
            } else {
                chosen.add(contender);
            }
        }
        if (!names.isEmpty() && !leftOut.isEmpty()) {
            Map.Entry<String, String> first = leftOut.entrySet().iterator().next();
            throw new UsageException(
                    first.getKey() + " cannot take part: " + first.getValue() + "; leave it out of --contenders");
        }
        return new Field(chosen, leftOut);
    }
}
