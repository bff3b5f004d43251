package io.toolgate.store.jdbc.internal.sql;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A statement in the syntax of JDBC, with the positions of each of its named parameters. Immutable. */
public final class NamedSql {
    /** A literal, a quoted name or a cast, whose colons name nothing; or a parameter. */
    private static final Pattern PARAMETER_OR_OTHER = Pattern.compile("'[^']*+'|\"[^\"]*\"|::|:([A-Za-z_]\\w*)");

    private final String text;
    private final Map<String, List<Integer>> positions;
    private final int count;

    private NamedSql(String text, Map<String, List<Integer>> positions, int count) {
        this.text = text;
        this.positions = positions;
        this.count = count;
    }

    /**
     * Finds the parameters of one of this jar's statements, named {@code :like} this. An expression will do, since
     * these have no comments inside, and a test compares it with Jdbi's parser, which a new process then need not load.
     */
    public static NamedSql of(String named) {
        Map<String, List<Integer>> positions = new HashMap<>();
        int[] count = {0};
        String text = PARAMETER_OR_OTHER.matcher(named).replaceAll(found -> {
            String name = found.group(1);
            if (name == null) {
                return Matcher.quoteReplacement(found.group());
            }
            positions.merge(name, List.of(++count[0]), NamedSql::joined);
            return "?";
        });
        return new NamedSql(text, Map.copyOf(positions), count[0]);
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
