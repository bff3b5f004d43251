package io.toolgate.bench;

import io.toolgate.bench.contender.ContenderFactory;
import java.util.List;

/** All contenders, in the order in which reports name them. */
final class Contenders {
    static final List<ContenderFactory> ALL = List.of();

    private Contenders() {}
}
