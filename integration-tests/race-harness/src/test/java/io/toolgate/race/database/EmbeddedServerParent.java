package io.toolgate.race.database;

import io.toolgate.race.RaceMain;
import io.toolgate.support.process.EmbeddedServer;
import io.toolgate.support.process.JavaCommand;
import io.toolgate.support.process.PostgresGuard;
import java.nio.file.Path;
import java.util.Map;

/** A process that starts a server in the directory it is given, says so, and never ends by itself. */
final class EmbeddedServerParent {
    private EmbeddedServerParent() {}

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        EmbeddedServer server = EmbeddedServer.start(
                JavaCommand.shortLived(directory, RaceMain.class, PostgresGuard.ROLE),
                directory.resolve("postgres"),
                directory.resolve("postgres.log"),
                Map.of());
        System.out.println(server.login());
        Thread.currentThread().join();
    }
}
