package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.toolgate.cli.CliDatabase.Kind;
import io.toolgate.migrations.Database;
import io.toolgate.migrations.MigrationScript;
import io.toolgate.migrations.ToolGateMigrations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code migrate}, {@code info}, {@code validate}, {@code print} and {@code journal}. */
@ParameterizedClass
@EnumSource(Kind.class)
class SchemaCommandsTest {
    @Parameter
    Kind kind;

    @TempDir
    Path directory;

    private CliDatabase database;

    @BeforeEach
    void open() {
        database = new CliDatabase(kind, directory);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private void dropAll() {
        for (String table : new String[] {
            "tg_idempotency",
            "tg_store_info",
            "tg_idempotency_checkpoint",
            "tg_idempotency_history",
            "tg_idempotency_journal",
            "tg_idempotency_counts"
        }) {
            database.run("DROP TABLE " + table);
        }
        if (kind == Kind.POSTGRESQL) {
            database.run("DROP TABLE tg_schema_history", "DROP FUNCTION tg_record_id(text, text, text)");
        }
    }

    @Test
    void aCurrentSchemaIsLeftAlone() {
        assertThat(database.cli("migrate").done().out()).contains("there was nothing to do");
        JsonNode json = database.cli("migrate", "--json").done().json();
        assertThat(json.path("action").textValue()).isEqualTo("unchanged");
        assertThat(json.path("to_version").intValue()).isEqualTo(ToolGateMigrations.currentVersion());
        assertThat(database.cli("validate").done().out()).contains("complete and current, version 1");
    }

    @Test
    void aMissingSchemaIsReportedAndCreated() {
        dropAll();
        assertThat(database.cli("info").done().out())
                .contains("No ToolGate tables found: create them with 'toolgate migrate'");
        assertThat(database.cli("info", "--json").json().path("schema_version").intValue())
                .isZero();
        CliResult invalid = database.cli("validate", "--json");
        assertThat(invalid.status()).isEqualTo(1);
        assertThat(invalid.json().path("valid").booleanValue()).isFalse();
        assertThat(invalid.err()).contains("no ToolGate tables found");
        database.cli("stats").refused("no ToolGate tables found", "toolgate migrate");
        database.cli("purge").refused("no ToolGate tables found");
        if (kind == Kind.POSTGRESQL) {
            JsonNode json = database.cli("migrate", "--json").done().json();
            assertThat(json.path("action").textValue()).isEqualTo("installed");
            assertThat(json.path("from_version").intValue()).isZero();
            assertThat(database.cli("validate").done().status()).isZero();
        }
    }

    @Test
    void aNewerSchemaIsReadIfItIsOneAhead() {
        database.run("UPDATE tg_store_info SET schema_version = 2");
        assertThat(database.cli("stats").done().status()).isZero();
        assertThat(database.cli("info").done().out()).contains("newer than this program");
        database.run("UPDATE tg_store_info SET schema_version = 3");
        database.cli("stats").refused("has version 3, expected 1 to 2");
    }

    @Test
    void aMissingTableIsNamed() {
        database.run("DROP TABLE tg_idempotency_counts");
        CliResult result = database.cli("validate", "--json");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.json().path("faults").path(0).textValue()).contains("tg_idempotency_counts");
        database.cli("doctor").failed("tg_idempotency_counts", "toolgate validate");
    }

    @Test
    void infoNamesTheStore() {
        JsonNode json = database.cli("info", "--json").done().json();
        assertThat(json.path("database").textValue()).isEqualTo(kind.name().toLowerCase(java.util.Locale.ROOT));
        assertThat(json.path("schema_version").intValue()).isEqualTo(1);
        assertThat(json.path("store_id").textValue()).isNotBlank();
        assertThat(json.path("journal").textValue()).isEqualTo("off");
        String out = database.cli("info").done().out();
        assertThat(out).contains("The schema is current.", json.path("store_id").textValue());
    }

    @Test
    void theJournalIsSwitched() {
        assertThat(database.cli("journal", "status").done().out())
                .isEqualTo("The journal is off." + System.lineSeparator());
        assertThat(database.cli("journal", "on").done().out()).contains("now on");
        assertThat(database.cli("journal", "on", "--json")
                        .done()
                        .json()
                        .path("changed")
                        .booleanValue())
                .isFalse();
        assertThat(database.cli("journal", "status", "--json")
                        .done()
                        .json()
                        .path("journal")
                        .textValue())
                .isEqualTo("on");
        assertThat(database.cli("journal", "off").done().out()).contains("now off");
        assertThat(database.cli("info", "--json").json().path("journal").textValue())
                .isEqualTo("off");
        database.cli("journal", "maybe").refused("on|off|status");
    }

    @Test
    void printNeedsNoDatabase() {
        String name = kind.name().toLowerCase(java.util.Locale.ROOT);
        Database which = Database.valueOf(kind.name());
        String all = database.plain("print", name).done().out();
        List<String> scripts =
                ToolGateMigrations.sql(which).stream().map(MigrationScript::sql).toList();
        assertThat(all).isEqualTo(String.join("", scripts));
        JsonNode json = database.plain("print", name, "--json").done().json();
        assertThat(json.path("scripts").path(0).path("version").intValue()).isEqualTo(1);
        assertThat(json.path("scripts").path(0).path("sql").textValue()).contains("tg_idempotency_journal");
        assertThat(json.path("scripts").path(0).path("file").textValue()).isEqualTo("toolgate_1__schema.sql");
        assertThat(database.plain("print", name, "--from", "1").done().out()).isEmpty();
        database.plain("print", name, "--from", "2").refused("--from must be 0 to 1");
        database.plain("print", "oracle").refused("postgresql or sqlite", "'oracle'");
    }

    @Test
    void withoutAUrlTheFileInTheWorkingDirectoryIsUsed() throws Exception {
        database.plain("stats").refused("There is no SQLite store at", "toolgate.db", "--url", "toolgate migrate");
        assertThat(Files.exists(directory.resolve("toolgate.db"))).isFalse();
        assertThat(database.plain("migrate", "--json")
                        .done()
                        .json()
                        .path("action")
                        .textValue())
                .isEqualTo("installed");
        assertThat(database.plain("stats").done().out()).contains("(all)");
        Files.delete(directory.resolve("toolgate.db"));
        database.plain("migrate").refused("was moved or deleted");
    }
}
