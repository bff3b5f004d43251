package io.toolgate.cli;

import io.toolgate.Failure;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import io.toolgate.store.ResolveRequest.Verdict;
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
        description = "Ends a doubt: says what happened to a key of which nobody knows whether it ran.",
        footer = {
            "",
            "Only what is in doubt, or in progress under a lease that has ended, and only the very state that was looked at.",
            "The bytes of FILE become the result as they are, a line end included; the codec must be able to read them.",
            "Exit status 2: refused, nothing was changed."
        },
        sortOptions = false)
final class ResolveCommand extends DecisionCommand {
    /** How the ids of codecs begin that encrypt. */
    private static final String ENCRYPTED = "aes-gcm";

    /** Codecs whose results are texts. */
    private static final List<String> TEXTS = List.of("text/", "json/");

    @Option(
            names = "--completed-file",
            paramLabel = "FILE",
            description = "It happened, and FILE holds its encoded result.")
    private @Nullable Path file;

    @Option(names = "--null", description = "It happened, and its result is null.")
    private boolean completedWithNull;

    @Option(
            names = "--rejected",
            paramLabel = "CODE",
            description = "It did not happen and never shall, for this reason.")
    private @Nullable String rejected;

    @Option(names = "--message", paramLabel = "TEXT", description = "The reason of --rejected in words.")
    private @Nullable String message;

    @Option(names = "--retry", description = "It did not happen, and the next call shall run it.")
    private boolean retry;

    @Option(
            names = "--codec",
            paramLabel = "ID",
            description = "The codec that reads the result. Default: that of all the action's other results.")
    private @Nullable String codec;

    @Option(
            names = "--max-bytes",
            paramLabel = "N",
            defaultValue = "1048576",
            description = "How large FILE may be. Default: 1048576 (1 MiB).")
    private int maxBytes;

    private byte @Nullable [] bytes;

    ResolveCommand(Environment environment) {
        super(environment);
    }

    @Override
    void checkOptions() {
        long verdicts = Stream.of(file != null, completedWithNull, rejected != null, retry)
                .filter(chosen -> chosen)
                .count();
        if (verdicts != 1) {
            throw new RefusedException("say what happened, with exactly one of --completed-file, --null, --rejected and"
                    + " --retry. Nothing was changed");
        }
        if (message != null && rejected == null) {
            throw new RefusedException("--message goes with --rejected only. Nothing was changed");
        }
        if (codec != null && file == null && !completedWithNull) {
            throw new RefusedException("--codec goes with --completed-file and --null only. Nothing was changed");
        }
        if (maxBytes < 0 || maxBytes == Integer.MAX_VALUE) {
            throw new RefusedException(
                    "--max-bytes must be 0 to 2147483646, not " + maxBytes + ". Nothing was changed");
        }
        if (file != null) {
            bytes = read(environment().directory().resolve(file));
        }
    }

    private byte[] read(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new RefusedException(path + " is no file: name one that holds the result. Nothing was changed");
        }
        byte[] read;
        try (InputStream in = Files.newInputStream(path)) {
            read = in.readNBytes(maxBytes + 1);
        } catch (IOException e) {
            throw new RefusedException(
                    path + " cannot be read (" + e.getClass().getSimpleName()
                            + "): check its permissions. Nothing was changed",
                    e);
        }
        if (read.length > maxBytes) {
            throw new RefusedException(path + " has more than " + Texts.bytes(maxBytes)
                    + ": is it the right file? --max-bytes allows more. Nothing was changed");
        }
        return read;
    }

    @Override
    Verdict verdict(IdempotencyRecord record, Reader reader) {
        if (retry) {
            return new Verdict.Retry();
        }
        try {
            if (rejected != null) {
                return new Verdict.Rejected(Failure.rejected(rejected, message));
            }
            String id = codec(record.id().action(), reader);
            return new Verdict.Completed(bytes == null ? Payload.ofNull(id) : payload(id, bytes));
        } catch (IllegalArgumentException e) {
            throw new RefusedException(e.getMessage() + ". Nothing was changed", e);
        }
    }

    private static Payload payload(String codec, byte[] bytes) {
        if (TEXTS.stream().anyMatch(codec::startsWith) && Texts.utf8(bytes) == null) {
            throw new RefusedException("the file is not UTF-8, which codec " + codec
                    + " reads: name the right file, or another --codec. Nothing was changed");
        }
        return Payload.of(codec, bytes);
    }

    /** The codec of the result: what was typed, or what all others of the action have. */
    private String codec(String action, Reader reader) {
        String chosen = codec;
        if (chosen == null) {
            List<Row> known;
            try (Progress progress = Progress.of(environment(), "looking for the action's codec")) {
                known = reader.look(view -> view.rows("codecs", Map.of("action", action)));
            }
            if (known.size() != 1) {
                throw new RefusedException((known.isEmpty()
                                ? "no other result of action " + action + " shows its codec"
                                : "the results of action " + action + " have different codecs, "
                                        + known.stream()
                                                .map(row -> row.text("codec"))
                                                .collect(Collectors.joining(", ")))
                        + ": name the one that reads this result with --codec. Nothing was changed");
            }
            chosen = known.get(0).text("codec");
        }
        if (chosen.startsWith(ENCRYPTED)) {
            throw new RefusedException(
                    "results of codec " + chosen + " are encrypted, and the keys are with the application:"
                            + " resolve it there, with gate.resolve(...). Nothing was changed");
        }
        return chosen;
    }

    @Override
    String describe(Verdict verdict) {
        if (verdict instanceof Verdict.Completed completed) {
            return "completed, with " + Facts.result(completed.result());
        } else if (verdict instanceof Verdict.Rejected refusal) {
            return "rejected: "
                    + Texts.failure(refusal.failure().code(), refusal.failure().message());
        }
        return "free for the next call, which runs it";
    }
}
