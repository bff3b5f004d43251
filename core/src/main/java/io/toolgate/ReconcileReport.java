package io.toolgate;

/**
 * What a pass over the records of unknown effect came to, or has come to so far. Each record that is found counts once more
 * in one of the others, unless somebody else settled it, or took it, while the pass was at it.
 *
 * @param found how many there were
 * @param recovered how many the probe found to have happened, and are completed now
 * @param released how many the probe found not to have happened, and are free for the next call
 * @param inDoubt how many are put in doubt or stay there: there was nobody to ask, or who was asked did not know
 * @param quarantined how many are not asked about any more and wait for a person, those of earlier passes included
 * @param deferred how many it was not time yet to ask about
 * @param failed how many could not be settled because the store failed; the log says why
 * @param complete whether the pass looked at all records; false while it goes on, and if it was stopped or the store failed
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
