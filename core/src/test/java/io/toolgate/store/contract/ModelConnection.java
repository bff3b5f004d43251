package io.toolgate.store.contract;

import java.util.ArrayList;
import java.util.List;

/** Connection of a {@link ModelStore}'s transaction, to write rows through. Used by one thread. */
public final class ModelConnection {
    private final List<String> rows = new ArrayList<>();

    /** Writes a row. */
    public void write(String row) {
        rows.add(row);
    }

    List<String> rows() {
        return rows;
    }
}
