package io.toolgate.race.run;

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
 * A place in the crew, and the process that has it now. Its fields are guarded by the roster's monitor, but for sending, which
 * has a lock of its own so that nobody waits for a full pipe with the roster's.
 */
final class Member {
    /** What the process that has the place is about. */
    enum State {
        /** It was started and is not connected yet, or has not been let go. */
        STARTING,
        /** It calls keys. */
        RACING,
        /** It is stopped. */
        FROZEN,
        /** It was killed, and its successor is not started yet. */
        KILLED,
        /** It ended by itself. */
        ENDED
    }

    /** A life of the place that is over. */
    record Past(int life, Path history, boolean killed) {}

    final int process;
    final List<Past> past = new ArrayList<>();
    /** What is still to be called: by wave, the keys that not every thread has an answer for. */
    final Map<Integer, List<String>> work = new LinkedHashMap<>();
    /** How often each of these keys was answered in the lives that are over. */
    final Map<String, Integer> answered = new HashMap<>();

    State state = State.STARTING;
    int life;
    boolean ready;
    long calls;
    /** Whether the harness ended it before it could end by itself. */
    boolean cut;

    @Nullable
    Child child;

    @Nullable
    Path history;

    @Nullable
    Integer exitStatus;

    private final ReentrantLock sending = new ReentrantLock();

    Member(int process) {
        this.process = process;
    }

    /** Gives the place to a process that is about to be started, and writes {@code file}. */
    void beginLife(Path file) {
        life++;
        history = file;
        state = State.STARTING;
        ready = false;
        calls = 0;
        exitStatus = null;
        // What is told to the successor must not go to the one that had the place before.
        child = null;
    }

    /** Whether it calls keys, or will as soon as it is ready. */
    boolean hasWork() {
        return !work.isEmpty();
    }

    /** The files of all its lives. */
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

    /** Writes a line to {@code to}. One that cannot be told anything has ended, which is found by whoever waits for that. */
    void tell(@Nullable Child to, String line) {
        if (to == null) {
            return;
        }
        sending.lock();
        try {
            to.send(line);
        } catch (IOException e) {
            // See above.
        } finally {
            sending.unlock();
        }
    }
}
