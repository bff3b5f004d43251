package io.toolgate.race.racer;

import java.util.List;

/**
 * Keys for a racer to call.
 *
 * @param wave the number of their wave
 * @param keys the texts of the keys
 */
public record Work(int wave, List<String> keys) {}
