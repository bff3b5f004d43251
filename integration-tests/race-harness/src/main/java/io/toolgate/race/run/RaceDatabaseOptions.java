package io.toolgate.race.run;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.race.settings.RaceSettings;
import io.toolgate.support.DatabaseOptions;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that name and prepare the database of a race; commands mix them in. */
public final class RaceDatabaseOptions {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private DatabaseOptions databases;

    @Option(
            names = "--migrate",
            description = "Installs or upgrades the schema first.",
            showDefaultValue = Visibility.NEVER)
    private boolean migrate;

    /** Made by the command line. */
    public RaceDatabaseOptions() {}

    /** Adds the options to {@code settings}; the terminal may ask for the password. */
    @CanIgnoreReturnValue
    public RaceSettings.Builder addTo(RaceSettings.Builder settings) {
        return settings.database(databases.loginWithPassword("a temporary database"))
                .migrate(migrate);
    }
}
