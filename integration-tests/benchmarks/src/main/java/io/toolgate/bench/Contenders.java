package io.toolgate.bench;

import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.own.HandWrittenFactory;
import io.toolgate.bench.own.ToolGateFactory;
import java.util.List;

/** All contenders, in the order in which reports name them. */
final class Contenders {
    static final List<ContenderFactory> ALL =
            List.of(new ToolGateFactory(), HandWrittenFactory.jdbc(), HandWrittenFactory.jdbi());

    private Contenders() {}
}
