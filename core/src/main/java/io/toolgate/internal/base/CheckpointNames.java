package io.toolgate.internal.base;

/** The prefixes of checkpoint names that are reserved for steps and for the runtime. */
public final class CheckpointNames {
    /** The prefix of the runtime's own checkpoints. */
    public static final String RUNTIME = "toolgate:";

    /** The prefix of the results of steps. */
    public static final String STEP = "step:";

    private CheckpointNames() {}

    /** Whether a run itself may write, and see, a checkpoint of this name. */
    public static boolean isOfRun(String name) {
        return !name.startsWith(STEP) && !name.startsWith(RUNTIME);
    }
}
