package io.toolgate.race;

/** The command line of {@code toolgate-race.jar}; it has no commands yet. */
public final class RaceMain {
    private RaceMain() {}

    public static void main(String[] args) {
        System.err.println("toolgate-race: no command yet");
        System.exit(2);
    }
}
