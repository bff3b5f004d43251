package io.toolgate.support;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name a database; commands mix them in and say in their help what they do without. */
public final class DatabaseOptions {
    @Option(
            names = "--url",
            paramLabel = "JDBC",
            description = "The database: jdbc:postgresql://HOST/DATABASE or jdbc:sqlite:FILE.")
    private @Nullable String url;

    @Option(names = "--user", paramLabel = "USER", description = "The user to log in as.")
    private @Nullable String user;

    /** Made by the command line. */
    public DatabaseOptions() {}

    /**
     * The database that was named, still without a password, or null if none was.
     *
     * @param fallback the database that is used then, for a message
     * @throws UsageException if the options contradict each other
     */
    public @Nullable DatabaseLogin login(String fallback) {
        if (url == null) {
            if (user != null) {
                throw new UsageException("--user needs --url; without it " + fallback + " is used");
            }
            return null;
        }
        return new DatabaseLogin(url, user, null);
    }

    /**
     * The database that was named, with a password from this process's environment or terminal, or null if none was.
     *
     * @param fallback the database that is used then, for a message
     * @throws UsageException if the options contradict each other
     */
    public @Nullable DatabaseLogin loginWithPassword(String fallback) {
        DatabaseLogin login = login(fallback);
        return login == null
                ? null
                : login.withPassword(
                        Passwords.find(login, Passwords.VARIABLE, System.getenv(), Terminal.ofThisProcess()));
    }
}
