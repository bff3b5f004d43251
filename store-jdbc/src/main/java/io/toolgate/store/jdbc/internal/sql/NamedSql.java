package io.toolgate.store.jdbc.internal.sql;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jdbi.v3.core.statement.ColonPrefixSqlParser;

/** A statement as JDBC takes it, with the places at which each of its named parameters stands. Immutable. */
public final class NamedSql {
    private final String text;
    private final Map<String, List<Integer>> places;
    private final int count;

    private NamedSql(String text, Map<String, List<Integer>> places, int count) {
        this.text = text;
        this.places = places;
        this.count = count;
    }

    /** Parses a statement whose parameters are named {@code :like} this. */
    public static NamedSql of(String named) {
        // The context only goes into the parser's errors, and there is none yet.
        var parsed = new ColonPrefixSqlParser().parse(named, null);
        List<String> names = parsed.getParameters().getParameterNames();
        Map<String, List<Integer>> places = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            places.merge(names.get(i), List.of(i + 1), NamedSql::joined);
        }
        return new NamedSql(parsed.getSql(), Map.copyOf(places), names.size());
    }

    private static List<Integer> joined(List<Integer> before, List<Integer> after) {
        return Stream.concat(before.stream(), after.stream()).toList();
    }

    /** What is sent, with a question mark for each parameter. */
    public String text() {
        return text;
    }

    /** How many question marks there are. */
    int count() {
        return count;
    }

    /**
     * The places of a parameter, counted from 1.
     *
     * @throws IllegalStateException if there is no such parameter
     */
    List<Integer> places(String name) {
        List<Integer> found = places.get(name);
        if (found == null) {
            throw new IllegalStateException("the statement has no parameter :" + name + ": " + text);
        }
        return found;
    }
}
