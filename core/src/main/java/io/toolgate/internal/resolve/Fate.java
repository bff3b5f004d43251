package io.toolgate.internal.resolve;

/** What became of a record that a pass of the reconciler came upon. */
public enum Fate {
    /** It is none of this pass's: it is settled or taken by now, or a run of this process. */
    ELSEWHERE,
    /** The probe found the effect, and it is completed. */
    RECOVERED,
    /** The probe found no effect, and it is free. */
    RELEASED,
    /** It is in doubt since this pass. */
    DOUBTED,
    /** It was in doubt and is left so, since nobody can be asked. */
    HELD,
    /** It is in quarantine since this pass. */
    QUARANTINED,
    /** It was in quarantine. */
    IN_QUARANTINE,
    /** It is not time yet to ask about it. */
    DEFERRED,
    /** It could not be settled, for a reason of its own. */
    FAILED,
    /** It could not be settled because the store cannot be reached. */
    UNREACHABLE,
    /** The pass was stopped before it was settled; it is as it was. */
    CUT
}
