package io.toolgate.race.run;

import io.toolgate.race.RaceMain;
import io.toolgate.race.database.Database;
import io.toolgate.race.database.EmbeddedServer;
import io.toolgate.race.database.PostgresGuard;
import io.toolgate.race.database.Preparation;
import io.toolgate.race.process.JavaLauncher;
import io.toolgate.race.process.RunDirectory;
import io.toolgate.race.process.RunScope;
import java.io.IOException;

/**
 * The database that a race is run on, ready for it.
 *
 * @param database how it is reached
 * @param name its product, version and address, for people
 */
record RaceDatabase(Database database, String name) {
    /** Finds out whether it is ready, or makes it; one that was made is thrown away when {@code scope} closes. */
    static RaceDatabase prepare(RaceSettings settings, RunDirectory directory, RunScope scope)
            throws IOException, InterruptedException {
        Database own = settings.database();
        if (own != null) {
            String product = Preparation.prepare(own, settings.migrate());
            Preparation.requireConnections(own, Connections.of(settings).inAll());
            return new RaceDatabase(own, product + ", " + own);
        }
        if (settings.embeddedPostgres()) {
            EmbeddedServer server = EmbeddedServer.start(
                    JavaLauncher.command(directory.scratch(), RaceMain.class, PostgresGuard.ROLE),
                    directory.file("postgres"),
                    directory.file("postgres.log"));
            scope.onClose("stop the PostgreSQL server", server::close);
            Database database = server.database();
            String product = Preparation.prepare(database, true);
            Preparation.requireConnections(database, Connections.of(settings).inAll());
            return new RaceDatabase(database, product + ", a temporary server");
        }
        Database database = Database.sqlite(directory.file("race.db"));
        return new RaceDatabase(database, Preparation.prepare(database, true) + ", a temporary file");
    }
}
