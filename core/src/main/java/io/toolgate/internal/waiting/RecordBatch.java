package io.toolgate.internal.waiting;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many records as they were read together.
 *
 * @param found those that are there
 * @param unreadable why those that are there cannot be read
 */
public record RecordBatch(Map<RecordId, IdempotencyRecord> found, Map<RecordId, StoreException.Corrupt> unreadable) {
    private static final Logger log = LoggerFactory.getLogger(RecordBatch.class);

    /**
     * Reads records in one go. One row that cannot be read must not keep the news of all the others back, nor be taken for
     * one that is gone: a store may refuse the lot for it, or leave it out. So what was refused is read one by one, and so
     * is what is missing, where it matters.
     *
     * @param surely the ids about which it must be certain that they are gone
     */
    static RecordBatch read(IdempotencyStore store, Collection<RecordId> ids, Set<RecordId> surely) {
        Map<RecordId, IdempotencyRecord> found = new HashMap<>();
        Set<RecordId> missing = new HashSet<>(ids);
        try {
            found.putAll(store.peekAll(ids));
            missing.retainAll(surely);
            missing.removeAll(found.keySet());
        } catch (StoreException.Corrupt e) {
            log.debug("One of {} records cannot be read; each is read by itself", ids.size(), e);
        }
        Map<RecordId, StoreException.Corrupt> unreadable = new HashMap<>();
        for (RecordId id : missing) {
            try {
                store.peek(id).ifPresent(record -> found.put(id, record));
            } catch (StoreException.Corrupt e) {
                unreadable.put(id, e);
            }
        }
        return new RecordBatch(found, unreadable);
    }
}
