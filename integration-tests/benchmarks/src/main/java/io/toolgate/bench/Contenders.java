package io.toolgate.bench;

import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.own.HandWrittenFactory;
import io.toolgate.bench.own.ToolGateFactory;
import io.toolgate.bench.rivals.Rivals;
import java.util.List;
import java.util.stream.Stream;

/** All contenders, in the order in which reports name them. */
final class Contenders {
    static final List<ContenderFactory> ALL = Stream.concat(
                    Stream.of(new ToolGateFactory(), HandWrittenFactory.jdbc(), HandWrittenFactory.jdbi()),
                    Rivals.ALL.stream())
            .toList();

    private Contenders() {}
}
