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
 * Records that were read together.
 *
 * @param found the records that exist
 * @param unreadable the errors of records that exist and cannot be read
 */
public record RecordBatch(Map<RecordId, IdempotencyRecord> found, Map<RecordId, StoreException.Corrupt> unreadable) {
    private static final Logger log = LoggerFactory.getLogger(RecordBatch.class);

    /**
     * Reads records in one round trip. A row that cannot be read must neither hide the others nor be taken for one that
     * is gone: a store may refuse the whole batch because of it, or leave it out. A refused batch is then read record
     * by record, and so are missing records where it matters.
     *
     * @param certain the ids of records that must not be reported as gone unless they are
     */
    static RecordBatch read(IdempotencyStore store, Collection<RecordId> ids, Set<RecordId> certain) {
        Map<RecordId, IdempotencyRecord> found = new HashMap<>();
        Set<RecordId> missing = new HashSet<>(ids);
        try {
            found.putAll(store.peekAll(ids));
            missing.retainAll(certain);
            missing.removeAll(found.keySet());
        } catch (StoreException.Corrupt e) {
            log.debug("One of {} records cannot be read; reading them one by one", ids.size(), e);
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
