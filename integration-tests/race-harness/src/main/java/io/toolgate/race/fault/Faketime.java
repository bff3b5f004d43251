package io.toolgate.race.fault;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

public final class Faketime {
    public static Optional<Faketime> find() {
        return Optional.empty();
    }

    public Map<String, String> environment(Path p) {
        return Map.of();
    }
}
