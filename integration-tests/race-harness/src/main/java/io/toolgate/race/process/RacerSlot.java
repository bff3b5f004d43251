package io.toolgate.race.process;

import io.toolgate.race.history.HistoryFile;
import io.toolgate.support.process.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A numbered slot of the group, and the process that has it now. Its fields are guarded by the registry's monitor;
 * sending has a lock of its own, so that no thread blocks on a full pipe while it holds the registry's.
 */
final class RacerSlot {
    /** The state of the slot's process. */
    enum State {
        /** Started, and not connected yet or still at the barrier. */
        STARTING,
        /** Calls keys. */
        RACING,
        /** Stopped by SIGSTOP. */
        FROZEN,
        /** Killed, and its successor is not started yet. */
        KILLED,
        /** Ended by itself. */
        ENDED
    }

    /** An earlier process of the slot. */
    record Past(int life, Path history, boolean killed) {}

    final int process;
    final List<Past> past = new ArrayList<>();
    /** Unfinished work: by wave, the keys for which not every thread has an answer. */
    final Map<Integer, List<String>> work = new LinkedHashMap<>();
    /** How often each of these keys was answered in earlier lives. */
    final Map<String, Integer> answered = new HashMap<>();

    State state = State.STARTING;
    int life;
    boolean ready;
    long calls;
    /** Whether the harness killed it before it could end by itself. */
    boolean cut;

    @Nullable
    Child child;

    @Nullable
    Path history;

    @Nullable
    Integer exitStatus;

    private final ReentrantLock sending = new ReentrantLock();

    RacerSlot(int process) {
        this.process = process;
    }

    /** Prepares the slot for a process that is about to be started and writes {@code file}. */
    void beginLife(Path file) {
        life++;
        history = file;
        state = State.STARTING;
        ready = false;
        calls = 0;
        exitStatus = null;
        // Lines for the successor must not go to its predecessor.
        child = null;
    }

    /** Whether it has unfinished work. */
    boolean hasWork() {
        return !work.isEmpty();
    }

    /** The history files of all its lives. */
    List<HistoryFile> histories() {
        List<HistoryFile> files = new ArrayList<>();
        for (Past one : past) {
            files.add(new HistoryFile(process, one.life(), one.history(), one.killed()));
        }
        if (history != null) {
            files.add(new HistoryFile(process, life, history, cut || state == State.KILLED));
        }
        return files;
    }

    /** Writes a line to {@code to}. If that fails the process has ended, which its {@link RacerOutput} notices. */
    void send(@Nullable Child to, String line) {
        if (to == null) {
            return;
        }
        sending.lock();
        try {
            to.send(line);
        } catch (IOException e) {
            // It has ended.
        } finally {
            sending.unlock();
        }
    }
}
