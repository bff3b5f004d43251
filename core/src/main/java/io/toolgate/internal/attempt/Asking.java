package io.toolgate.internal.attempt;

import io.toolgate.internal.base.StopSignal;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Previous;

/**
 * On what terms the reconciler asks about one record.
 *
 * @param seenFence the record's fence when it was found due
 * @param maxAsks with how many unknown answers it is quarantined
 * @param stop ends the asking
 */
public record Asking(long seenFence, int maxAsks, StopSignal stop) {
    /**
     * Whether the claim took over what was found due. Race: between that look and the claim somebody else asked, settled the
     * record or began it anew; then this reconciler has no business with it.
     */
    boolean isAbout(Acquired acquired) {
        Previous previous = acquired.previous();
        return previous != null && previous.effectUnknown() && acquired.lease().fence() == seenFence + 1;
    }
}
