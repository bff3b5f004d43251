package io.toolgate.race.racer;

import java.util.List;

/**
 * Keys for a racer to call.
 *
 * @param wave that they belong to
 * @param keys their texts
 */
public record Work(int wave, List<String> keys) {}
