package io.toolgate.internal.base;

/** How names of checkpoints begin that are kept for steps and for the runtime. */
public final class CheckpointNames {
    /** The prefix of names that only the runtime gives. */
    public static final String RUNTIME = "toolgate:";

    /** The prefix of the names of steps. */
    public static final String STEP = "step:";

    private CheckpointNames() {}

    /** Whether a checkpoint of this name was written by a run itself: it is no step, and none of the runtime's own. */
    public static boolean isOfRun(String name) {
        return !name.startsWith(STEP) && !name.startsWith(RUNTIME);
    }
}
