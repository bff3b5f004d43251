package io.toolgate.cli;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name a database; commands mix them in. */
final class DatabaseOptions {
    /** The file that is used where no database is named. */
    static final String DEFAULT_FILE = "toolgate.db";

    private static final String DEFAULT_VARIABLE = "TOOLGATE_PASSWORD";
    private static final String POSTGRESQL = "jdbc:postgresql:";
    private static final Pattern SECRET =
            Pattern.compile("[?&;][^=&;]*(pass|pwd|secret|token)[^=&;]*=", Pattern.CASE_INSENSITIVE);

    @Option(
            names = "--url",
            paramLabel = "JDBC",
            description =
                    "The database: jdbc:postgresql://HOST/DATABASE or jdbc:sqlite:FILE. Default: toolgate.db here.")
    private @Nullable String url;

    @Option(names = "--user", paramLabel = "USER", description = "Whom to log in as.")
    private @Nullable String user;

    @Option(
            names = "--password-env",
            paramLabel = "NAME",
            description =
                    "The environment variable that holds the password. Default: TOOLGATE_PASSWORD; without it, the"
                            + " password is asked for on a terminal.")
    private @Nullable String passwordVariable;

    DatabaseOptions() {}

    /**
     * How a database is reached. Its text leaves the password out.
     *
     * @param url for JDBC
     * @param user null if the URL or the driver knows
     * @param password null if none is needed
     * @param named whether somebody named it
     */
    record Target(
            String url, @Nullable String user, @Nullable String password, boolean named) {
        @Override
        public String toString() {
            return url + (user == null ? "" : " as " + user);
        }
    }

    /**
     * The database that was named, or the default.
     *
     * @throws RefusedException if the options do not go together
     */
    Target target(Environment environment) {
        if (url == null) {
            if (user != null) {
                throw new RefusedException(
                        "--user needs --url; without it the SQLite file " + DEFAULT_FILE + " is used");
            }
            return new Target("jdbc:sqlite:" + environment.directory().resolve(DEFAULT_FILE), null, null, false);
        }
        if (SECRET.matcher(url).find()) {
            throw new RefusedException(
                    "--url must not hold the password, which every user of this machine could read: put"
                            + " it into the environment variable " + DEFAULT_VARIABLE);
        }
        return new Target(url, user, url.startsWith(POSTGRESQL) ? password(environment) : null, true);
    }

    private @Nullable String password(Environment environment) {
        String name = passwordVariable == null ? DEFAULT_VARIABLE : passwordVariable;
        String given = environment.variables().get(name);
        if (given == null && passwordVariable != null) {
            throw new RefusedException("the environment variable " + name
                    + " of --password-env is not set: put the password" + " into it");
        }
        Terminal terminal = environment.terminal();
        if (given != null || user == null || terminal == null) {
            return given;
        }
        String typed = terminal.askSecret("Password of " + user + " (Enter for none): ");
        if (typed == null) {
            throw new RefusedException("no password was typed: put it into the environment variable " + name);
        }
        return typed.isEmpty() ? null : typed;
    }
}
