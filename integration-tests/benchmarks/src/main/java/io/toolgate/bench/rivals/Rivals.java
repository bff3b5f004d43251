package io.toolgate.bench.rivals;

import io.toolgate.bench.contender.ContenderFactory;
import java.util.List;

/** The other libraries, in the order in which reports name them. */
public final class Rivals {
    /** One factory for each library. */
    public static final List<ContenderFactory> ALL =
            List.of(new Dbos(), new DbScheduler(), new ShedLock(), new SpringIntegration(), new Camel());

    private Rivals() {}
}
