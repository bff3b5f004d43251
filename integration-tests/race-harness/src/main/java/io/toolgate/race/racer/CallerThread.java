package io.toolgate.race.racer;

/** A thread that calls the gate, and its number, which what it writes down is known by. */
final class CallerThread extends Thread {
    private final int number;

    CallerThread(int number, Runnable task) {
        super(task, "caller-" + number);
        this.number = number;
        setDaemon(true);
    }

    /** The number of the current thread, or 0 if it is none of these. */
    static int currentNumber() {
        return Thread.currentThread() instanceof CallerThread caller ? caller.number : 0;
    }
}
