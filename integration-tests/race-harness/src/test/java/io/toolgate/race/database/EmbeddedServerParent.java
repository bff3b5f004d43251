package io.toolgate.race.database;

import io.toolgate.race.RaceMain;
import io.toolgate.race.process.JavaLauncher;
import java.nio.file.Path;

/** A process that starts a server in the directory it is given, says so, and never ends by itself. */
final class EmbeddedServerParent {
    private EmbeddedServerParent() {}

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        EmbeddedServer server = EmbeddedServer.start(
                JavaLauncher.command(directory, RaceMain.class, PostgresGuard.ROLE),
                directory.resolve("postgres"),
                directory.resolve("postgres.log"));
        System.out.println(server.database());
        Thread.currentThread().join();
    }
}
