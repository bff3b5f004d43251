package io.toolgate.scenarios.offenders.upper;

import io.toolgate.scenarios.offenders.lower.LowerOffender;

/** Depends on the package below its own, which is allowed. */
public final class UpperOffender {
    /** Uses the lower package. */
    public int below() {
        return new LowerOffender().hashCode();
    }
}
