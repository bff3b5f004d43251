package io.toolgate.store.contract;

import io.toolgate.Failure;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Lease;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.TransitionOutcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Text of a store's answers, by which a {@link History} compares them; with times where the clock stands still. */
final class AnswerText {
    private final boolean exact;

    AnswerText(boolean exact) {
        this.exact = exact;
    }

    String describe(ClaimOutcome outcome) {
        return outcome.fold(
                o -> "Acquired " + o.lease() + " version " + o.version() + " " + o.numbers()
                        + (o.previous() == null
                                ? ""
                                : " after " + o.previous().state() + " "
                                        + o.previous().fence() + " "
                                        + describe(o.previous().failure())),
                o -> "Busy" + (exact ? " " + o.remaining() + " after " + o.running() : ""),
                o -> "Paused " + describe(o.record()),
                o -> "Finished " + describe(o.record()),
                o -> "InDoubt " + describe(o.record()),
                o -> "Mismatched " + describe(o.record()));
    }

    String describe(TransitionOutcome outcome) {
        return outcome.fold(
                o -> "Applied " + o.previous() + " to " + o.current() + " version " + o.version()
                        + (exact ? " at " + o.at() : ""),
                o -> "AlreadyApplied " + o.current() + " version " + o.version() + (exact ? " at " + o.at() : ""),
                o -> "LeaseLost to " + describe(o.current()));
    }

    String describeLeases(Set<Lease> leases) {
        return new TreeSet<>(leases.stream().map(Lease::toString).toList()).toString();
    }

    String describeAll(Iterable<IdempotencyRecord> records) {
        List<IdempotencyRecord> sorted = new ArrayList<>();
        records.forEach(sorted::add);
        sorted.sort(Comparator.comparing(record -> record.id().key()));
        return String.join("; ", sorted.stream().map(this::describe).toList());
    }

    private String describe(IdempotencyRecord r) {
        String what = r.id().key() + " " + r.state() + " fence " + r.fence() + " version " + r.version() + " "
                + r.numbers() + " " + r.token() + " " + r.owner() + " " + r.fingerprint() + " " + r.result() + " "
                + describe(r.failure());
        return exact
                ? what + " lease " + r.leaseUntil() + " created " + r.createdAt() + " updated " + r.updatedAt()
                        + " expires " + r.expiresAt()
                : what;
    }

    /** The message of a vanished owner's failure holds a time. */
    private String describe(@Nullable Failure failure) {
        return failure == null || exact || !failure.code().equals(Failure.Codes.OWNER_VANISHED)
                ? "" + failure
                : failure.code();
    }

    private String describe(Optional<IdempotencyRecord> record) {
        return record.map(this::describe).orElse("no record");
    }

    String describe(ResolveOutcome outcome) {
        return outcome.fold(
                o -> "Resolved " + o.previous() + " to " + o.current() + " version " + o.version()
                        + (exact ? " at " + o.at() : ""),
                o -> "AlreadyResolved " + o.current() + " version " + o.version() + (exact ? " at " + o.at() : ""),
                o -> "Refused " + o.reason() + ", there is " + describe(o.current()));
    }

    String describe(KeyHistory history) {
        return "checkpoints "
                + String.join(
                        ", ", history.checkpoints().stream().map(this::describe).toList()) + "; decisions "
                + String.join(
                        ", ", history.entries().stream().map(this::describe).toList());
    }

    private String describe(Checkpoint checkpoint) {
        return checkpoint.name() + " " + checkpoint.value() + " fence " + checkpoint.fence() + " version "
                + checkpoint.version() + (exact ? " at " + checkpoint.at() : "");
    }

    private String describe(KeyHistory.Entry entry) {
        return entry.decision() + " by " + entry.operator() + " because " + entry.reason() + " of "
                + describe(entry.before()) + (exact ? " at " + entry.at() : "");
    }
}
