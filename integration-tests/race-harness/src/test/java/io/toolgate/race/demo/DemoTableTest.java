package io.toolgate.race.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.race.database.Database;
import org.junit.jupiter.api.Test;

class DemoTableTest {
    @Test
    void theCommandThatRepeatsARunIsQuotedForAShellAndHasNoPassword() {
        Database database = new Database("jdbc:postgresql://db/pay?a=1&b=o'k", "app user", "secret");
        String command = DemoTable.repeat(new DemoSettings(database, false, 8, 20, 5, 20, 42, false, false));
        assertThat(command)
                .endsWith(
                        " demo --url 'jdbc:postgresql://db/pay?a=1&b=o'\\''k' --user 'app user' --processes 8 --keys 20"
                                + " --duplicates 5 --action-millis 20 --seed 42")
                .doesNotContain("secret");
    }
}
