package io.toolgate.cli.command;

import io.toolgate.Failure;
import io.toolgate.cli.base.Environment;
import io.toolgate.cli.explain.RecordPhrases;
import io.toolgate.cli.output.Progress;
import io.toolgate.cli.output.Texts;
import io.toolgate.cli.query.Row;
import io.toolgate.cli.query.StoreReader;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.support.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The {@code resolve} command. */
@Command(
        name = "resolve",
        description = "Ends a doubt: states whether the effect of a key happened, where the runtime cannot know. Or"
                + " supplies the result of a key that was completed without one.",
        footer = {
            "",
            "Only a record in doubt, or in progress under an expired lease, and only in the state that was inspected."
                    + " With --completed-file or --null also a completed record whose result is unavailable; a stored"
                    + " result is never replaced.",
            "The bytes of FILE become the result as they are, a final line end included; the codec must be able to read"
                    + " them.",
            "Exit status 2: refused, nothing was changed."
        },
        sortOptions = false)
public final class ResolveCommand extends DecisionCommand {
    /** The prefix of codecs that encrypt. */
    private static final String ENCRYPTED = "aes-gcm";

    /** The prefixes of codecs whose results are texts. */
    private static final List<String> TEXTS = List.of("text/", "json/");

    @Option(
            names = "--completed-file",
            paramLabel = "FILE",
            description = "The effect happened; FILE holds the encoded result.")
    private @Nullable Path file;

    @Option(names = "--null", description = "The effect happened; the result is null.")
    private boolean completedWithNull;

    @Option(
            names = "--rejected",
            paramLabel = "CODE",
            description = "The effect did not happen and must not; callers get this failure code.")
    private @Nullable String rejected;

    @Option(names = "--message", paramLabel = "TEXT", description = "The failure message that goes with --rejected.")
    private @Nullable String message;

    @Option(names = "--retry", description = "The effect did not happen; the next call runs it.")
    private boolean retry;

    @Option(
            names = "--codec",
            paramLabel = "ID",
            description = "The codec that reads the result. Default: the one of all the action's other results.")
    private @Nullable String codec;

    @Option(
            names = "--without-rows",
            description = "Completes the key also if its action stores rows of its own with the result, which this tool"
                    + " cannot write.")
    private boolean withoutRows;

    @Option(
            names = "--max-bytes",
            paramLabel = "N",
            defaultValue = "1048576",
            description = "The largest size of FILE. Default: 1048576 (1 MiB).")
    private int maxBytes;

    private byte @Nullable [] bytes;

    /** The command, run in {@code environment}. */
    public ResolveCommand(Environment environment) {
        super(environment);
    }

    @Override
    void checkOptions() {
        long verdicts = Stream.of(file != null, completedWithNull, rejected != null, retry)
                .filter(chosen -> chosen)
                .count();
        if (verdicts != 1) {
            throw new UsageException("name the decision, with exactly one of --completed-file, --null, --rejected and"
                    + " --retry. Nothing was changed");
        }
        if (message != null && rejected == null) {
            throw new UsageException("--message goes with --rejected only. Nothing was changed");
        }
        if (codec != null && file == null && !completedWithNull) {
            throw new UsageException("--codec goes with --completed-file and --null only. Nothing was changed");
        }
        if (withoutRows && file == null && !completedWithNull) {
            throw new UsageException("--without-rows goes with --completed-file and --null only. Nothing was changed");
        }
        if (maxBytes < 0 || maxBytes == Integer.MAX_VALUE) {
            throw new UsageException("--max-bytes must be 0 to 2147483646, not " + maxBytes + ". Nothing was changed");
        }
        if (file != null) {
            bytes = read(environment().directory().resolve(file));
        }
    }

    private byte[] read(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new UsageException(path + " is not a file: name the file that holds the result. Nothing was changed");
        }
        byte[] read;
        try (InputStream in = Files.newInputStream(path)) {
            read = in.readNBytes(maxBytes + 1);
        } catch (IOException e) {
            throw new UsageException(
                    path + " cannot be read (" + e.getClass().getSimpleName()
                            + "): check its permissions. Nothing was changed",
                    e);
        }
        if (read.length > maxBytes) {
            throw new UsageException(path + " has more than " + Texts.bytes(maxBytes)
                    + ": check that it is the right file, or raise --max-bytes. Nothing was changed");
        }
        return read;
    }

    @Override
    Verdict verdict(IdempotencyRecord record, StoreReader reader) {
        if (retry) {
            return new Verdict.Retry();
        }
        try {
            if (rejected != null) {
                return new Verdict.Rejected(Failure.rejected(rejected, message));
            }
            String id = codec(record.id().action(), reader);
            return new Verdict.Completed(bytes == null ? Payload.ofNull(id) : payload(id, bytes), withoutRows);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage() + ". Nothing was changed", e);
        }
    }

    private static Payload payload(String codec, byte[] bytes) {
        if (TEXTS.stream().anyMatch(codec::startsWith) && Texts.utf8(bytes) == null) {
            throw new UsageException("the file is not UTF-8, as codec " + codec
                    + " expects: name the right file, or another --codec. Nothing was changed");
        }
        return Payload.of(codec, bytes);
    }

    /** The codec of the result: the one that was typed, or the one of all the action's other results. */
    private String codec(String action, StoreReader reader) {
        String chosen = codec;
        if (chosen == null) {
            List<Row> known;
            try (Progress progress = environment().progress("looking up the action's codec")) {
                known = reader.read(view -> view.rows("codecs", Map.of("action", action)));
            }
            if (known.size() != 1) {
                throw new UsageException((known.isEmpty()
                                ? "action " + action + " has no other result that shows its codec"
                                : "the results of action " + action + " have different codecs, "
                                        + known.stream()
                                                .map(row -> row.text("codec"))
                                                .collect(Collectors.joining(", ")))
                        + ": name the codec of this result with --codec. Nothing was changed");
            }
            chosen = known.get(0).text("codec");
        }
        if (chosen.startsWith(ENCRYPTED)) {
            throw new UsageException(
                    "results of codec " + chosen + " are encrypted, and only the application has the keys:"
                            + " resolve the key there, with gate.resolve(...). Nothing was changed");
        }
        return chosen;
    }

    @Override
    String describe(Verdict verdict) {
        if (verdict instanceof Verdict.Completed completed) {
            return "completed, with " + RecordPhrases.result(completed.result())
                    + (completed.rowsSettled() ? ", without any rows of its action" : "");
        } else if (verdict instanceof Verdict.Rejected refusal) {
            return "rejected: "
                    + Texts.failure(refusal.failure().code(), refusal.failure().message());
        }
        return "released, and the next call runs it";
    }
}
