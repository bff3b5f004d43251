package io.toolgate.cli;

import io.toolgate.cli.KeyOptions.Found;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.RecordId;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code explain} command. */
@Command(
        name = "explain",
        description =
                "Tells the story of a key in time order: who claimed it, who vanished, what the probe said, how it ended,"
                        + " and what can be done now.",
        footer = {
            "",
            "From the journal, as far as it was on; else from the record and the decisions about it, and then it says what"
                    + " cannot be known. Results and checkpoints are never shown, apart from what a probe answered."
        },
        sortOptions = false)
final class ExplainCommand extends StoreCommand {
    @Mixin
    private KeyOptions keys = new KeyOptions();

    @Option(names = "--show-keys", description = "Shows the key in full.")
    private boolean showKeys;

    ExplainCommand(Environment environment) {
        super(environment);
    }

    private record Known(Found found, KeyFacts facts) {}

    @Override
    public Integer call() {
        Reader reader = reader();
        Known looked;
        try (Progress progress = Progress.of(environment(), "looking the key up")) {
            looked = reader.look(view -> {
                Found found = keys.find(view);
                return new Known(found, KeyFacts.read(view, found.id()));
            });
        }
        Known known = looked;
        KeyFacts facts = known.facts();
        if (facts.isUnheardOf()) {
            throw new RefusedException(
                    "nothing is known of this key: it was never claimed, or it was purged. Check how it is"
                            + " spelt, and --url");
        }
        boolean journal = ToolGateMigrations.journalIsOn(access().connections());
        Story story = new Story(text -> quoting(known, text));
        if (facts.journal().isEmpty()) {
            RecordStory.tell(facts, story);
        } else {
            JournalStory.tell(facts, story);
        }
        Standing plain = Standing.of(facts);
        Standing standing = new Standing(quoting(known, plain.sentence()), plain.options());
        print(object(known, journal, story, standing), out -> tell(known, journal, story, standing, out));
        return ToolGateMain.DONE;
    }

    private Map<String, @Nullable Object> object(Known known, boolean journal, Story story, Standing standing) {
        RecordId texts = known.found().texts();
        Row record = known.facts().record();
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("record_id", known.found().id());
        object.put("tenant", texts == null ? null : texts.tenant());
        object.put("action", texts == null ? null : texts.action());
        object.put("key", key(known));
        object.put("journal", journal ? "on" : "off");
        object.put("state", Standing.state(known.facts()));
        object.put("fence", record == null ? null : record.number("fence"));
        object.put("version", record == null ? null : record.number("version"));
        object.put("story", story.objects());
        object.put("unknown", story.unknowns());
        object.put("now", standing.sentence());
        object.put("options", standing.options());
        return object;
    }

    private void tell(Known known, boolean journal, Story story, Standing standing, PrintWriter out) {
        RecordId texts = known.found().texts();
        Table head = Table.ofPairs();
        head.row("tenant", texts == null ? "not known any more" : texts.tenant());
        head.row("action", texts == null ? "not known any more" : texts.action());
        head.row("key", String.valueOf(key(known)));
        head.row("record", known.found().id().toString());
        head.print(out);
        out.println();
        story.print(out);
        out.println();
        List<String> unknowns = story.unknowns();
        if (!unknowns.isEmpty()) {
            boolean none = known.facts().journal().isEmpty();
            out.println(
                    (none ? (journal ? "The journal has nothing of it" : "The journal is off") + ", so this" : "This")
                            + " cannot be known:");
            unknowns.forEach(unknown -> out.println("  " + unknown));
            out.println();
        }
        out.println(Texts.safe("Now: " + standing.sentence() + "."));
        standing.options().forEach(option -> out.println("  " + option));
    }

    private String quoting(Known known, String text) {
        RecordId texts = known.found().texts();
        return texts == null
                ? text
                : Texts.quoting(text, texts.key(), known.found().id(), showKeys);
    }

    private @Nullable String key(Known known) {
        RecordId texts = known.found().texts();
        return texts == null
                ? "not known any more"
                : Texts.key(texts.key(), known.found().id(), showKeys);
    }
}
