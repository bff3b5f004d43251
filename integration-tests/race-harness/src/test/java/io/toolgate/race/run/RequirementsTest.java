package io.toolgate.race.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.race.settings.RaceSettings;
import io.toolgate.support.UsageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequirementsTest {
    @TempDir
    Path directory;

    @Test
    void theDefaultsNeedNothingThatIsMissing() {
        RaceSettings settings = RaceSettings.builder()
                .processes(2)
                .duplicates(2)
                .report(directory.resolve("reports/first"))
                .build();
        assertThatCode(() -> Requirements.check(settings)).doesNotThrowAnyException();
        assertThat(directory.resolve("reports/first")).isDirectory();
    }

    @Test
    void namesThatCannotBeLoadedAreRefusedBeforeAnythingIsStarted() {
        assertRefused(
                RaceSettings.builder().action("no.such.Action").build(), "--action: no.such.Action cannot be used");
        assertRefused(
                RaceSettings.builder().runtime("java.lang.String").build(),
                "--runtime: java.lang.String cannot be used");
    }

    @Test
    void aReportInAFilesPlaceIsRefusedBeforeAnythingIsStarted() throws IOException {
        Path file = Files.createFile(directory.resolve("report"));
        assertRefused(RaceSettings.builder().report(file).build(), "--report needs a directory");
        assertRefused(RaceSettings.builder().report(file.resolve("below")).build(), "--report needs a directory");
    }

    private static void assertRefused(RaceSettings settings, String says) {
        StringWriter progress = new StringWriter();
        PrintWriter out = new PrintWriter(progress);
        assertThatThrownBy(() -> new Race(settings, out, out).run())
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(says)
                .hasMessageNotContaining("\n");
        assertThat(progress.toString()).isEmpty();
    }
}
