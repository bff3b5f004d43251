package io.toolgate.support.process;

import io.toolgate.support.CommandLines;
import io.toolgate.support.Messages;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The work of a child process that runs the same program as its parent, with the name of the role as its only argument.
 * A role takes orders on standard input, and returns when that ends.
 */
@FunctionalInterface
public interface ChildRole {
    /** Does the work. */
    void run(InputStream in, PrintStream out) throws Exception;

    /** The one of {@code roles} that {@code arguments} name, or null if this is not a child process with a role. */
    static @Nullable ChildRole named(String[] arguments, Map<String, ChildRole> roles) {
        return arguments.length == 1 ? roles.get(arguments[0]) : null;
    }

    /** Does the work in this process, and returns its exit status; the last line on standard error says what failed. */
    default int runHere(PrintStream out, PrintStream err) {
        try {
            run(System.in, out);
            return CommandLines.DONE;
        } catch (Exception e) {
            e.printStackTrace(err);
            err.println(Messages.oneLine(e));
            return CommandLines.FAILED;
        }
    }
}
