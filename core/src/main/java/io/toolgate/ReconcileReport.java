package io.toolgate;

/**
 * Counts of a reconciling pass over the records of unknown effect, final or so far. Each record found also counts in
 * exactly one of the other numbers, unless another process resolved or claimed it during the pass.
 *
 * @param found the records of unknown effect
 * @param recovered those that are finished now: the probe confirmed the effect, or the action was run again with the
 *     input that it remembers
 * @param released those whose effect the probe denied; now released for the next call
 * @param inDoubt those put in doubt or left there: the action has no probe and cannot be run again, or the effect is
 *     still unknown afterwards
 * @param quarantined those that are probed no more and wait for a person, including those of earlier passes
 * @param deferred those whose backoff is not over yet, or whose run has not ended yet
 * @param failed those that could not be reconciled: the store failed, or a remembered input could not be decoded; the
 *     log says why
 * @param complete whether the pass read all records; false while it is running, if it was stopped, and if the store
 *     failed
 */
public record ReconcileReport(
        int found,
        int recovered,
        int released,
        int inDoubt,
        int quarantined,
        int deferred,
        int failed,
        boolean complete) {}
