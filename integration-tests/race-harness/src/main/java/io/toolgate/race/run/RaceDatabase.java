package io.toolgate.race.run;

import io.toolgate.race.RaceMain;
import io.toolgate.race.database.Preparation;
import io.toolgate.race.settings.Connections;
import io.toolgate.race.settings.RaceSettings;
import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.process.EmbeddedServer;
import io.toolgate.support.process.JavaCommand;
import io.toolgate.support.process.PostgresGuard;
import io.toolgate.support.process.RunDirectory;
import io.toolgate.support.process.RunScope;
import java.io.IOException;
import java.util.Map;

/**
 * The database of a race, ready for it.
 *
 * @param database its address and login
 * @param name its product, version and address, for people
 */
record RaceDatabase(DatabaseLogin database, String name) {
    /** Checks the named database, or makes a temporary one, which is removed when {@code scope} closes. */
    static RaceDatabase prepare(RaceSettings settings, RunDirectory directory, RunScope scope)
            throws IOException, InterruptedException {
        DatabaseLogin own = settings.database();
        if (own != null) {
            String product = Preparation.prepare(own, settings.migrate());
            Preparation.requireConnections(own, Connections.of(settings).inAll());
            return new RaceDatabase(own, product + ", " + own);
        }
        if (settings.embeddedPostgres()) {
            EmbeddedServer server = EmbeddedServer.start(
                    JavaCommand.shortLived(directory.scratch(), RaceMain.class, PostgresGuard.ROLE),
                    directory.file("postgres"),
                    directory.file("postgres.log"),
                    Map.of("max_connections", "300"));
            scope.onClose("stop the PostgreSQL server", server::close);
            DatabaseLogin database = server.login();
            String product = Preparation.prepare(database, true);
            Preparation.requireConnections(database, Connections.of(settings).inAll());
            return new RaceDatabase(database, product + ", a temporary server");
        }
        DatabaseLogin database = DatabaseLogin.sqlite(directory.file("race.db"));
        return new RaceDatabase(database, Preparation.prepare(database, true) + ", a temporary file");
    }
}
