package io.toolgate.race.racer;

/** Thread that calls the gate, with a number that identifies it in the history. */
final class CallerThread extends Thread {
    private final int number;

    CallerThread(int number, Runnable task) {
        super(task, "caller-" + number);
        this.number = number;
        setDaemon(true);
    }

    /** The number of the current thread, or 0 if it is not a caller's thread. */
    static int currentNumber() {
        return Thread.currentThread() instanceof CallerThread caller ? caller.number : 0;
    }
}
