package io.toolgate;

/**
 * What a pass over the records of unknown effect came to. Records that somebody else settled meanwhile are in
 * {@code found} only.
 *
 * @param found how many there were
 * @param recovered how many the probe found to have happened, and are completed now
 * @param released how many the probe found not to have happened, and are free for the next call
 * @param inDoubt how many stay in doubt
 * @param failed how many could not be settled because the store failed; the log says why
 * @param more whether there may be more than one pass looks at
 */
public record ReconcileReport(int found, int recovered, int released, int inDoubt, int failed, boolean more) {}
