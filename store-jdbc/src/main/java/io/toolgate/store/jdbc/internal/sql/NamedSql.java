package io.toolgate.store.jdbc.internal.sql;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jdbi.v3.core.statement.ColonPrefixSqlParser;

/** A statement in the syntax of JDBC, with the positions of each of its named parameters. Immutable. */
public final class NamedSql {
    private final String text;
    private final Map<String, List<Integer>> positions;
    private final int count;

    private NamedSql(String text, Map<String, List<Integer>> positions, int count) {
        this.text = text;
        this.positions = positions;
        this.count = count;
    }

    /** Parses a statement whose parameters are named {@code :like} this. */
    public static NamedSql of(String named) {
        // The context only goes into the parser's errors, and there is none yet.
        var parsed = new ColonPrefixSqlParser().parse(named, null);
        List<String> names = parsed.getParameters().getParameterNames();
        Map<String, List<Integer>> positions = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            positions.merge(names.get(i), List.of(i + 1), NamedSql::joined);
        }
        return new NamedSql(parsed.getSql(), Map.copyOf(positions), names.size());
    }

    private static List<Integer> joined(List<Integer> before, List<Integer> after) {
        return Stream.concat(before.stream(), after.stream()).toList();
    }

    /** The text that is sent, with a question mark for each parameter. */
    public String text() {
        return text;
    }

    /** How many question marks there are. */
    int count() {
        return count;
    }

    /**
     * The positions of a parameter, counted from 1.
     *
     * @throws IllegalStateException if there is no such parameter
     */
    List<Integer> positions(String name) {
        List<Integer> found = positions.get(name);
        if (found == null) {
            throw new IllegalStateException("the statement has no parameter :" + name + ": " + text);
        }
        return found;
    }
}
