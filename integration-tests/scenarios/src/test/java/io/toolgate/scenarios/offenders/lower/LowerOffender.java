package io.toolgate.scenarios.offenders.lower;

import io.toolgate.scenarios.offenders.upper.UpperOffender;

/** Depends on the package above its own, against the arrow and in a cycle. */
public final class LowerOffender {
    int above() {
        return new UpperOffender().below();
    }
}
