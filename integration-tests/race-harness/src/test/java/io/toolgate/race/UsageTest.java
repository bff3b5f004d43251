package io.toolgate.race;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the program answers to a command that it cannot run. */
class UsageTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    ''                                           | name a command, such as demo
                    nonsense                                     | unknown command nonsense
                    demo --nonsense                              | unknown option --nonsense
                    demo --processes                             | '--processes'
                    demo --processes 0                           | --processes must be from 1 to 128, not 0
                    demo --processes some                        | 'some' is not an int
                    demo --keys -1                               | --keys must be from 1 to 100000, not -1
                    demo --duplicates 65                         | --duplicates must be from 1 to 64, not 65
                    demo --action-millis -1                      | --action-millis must be from 0 to 60000, not -1
                    demo --keys 100000 --duplicates 64           | 51200000 calls are too many
                    demo --user joe                              | --user needs --url
                    demo --url jdbc:mysql://localhost/x          | jdbc:mysql:
                    demo --url nonsense                          | jdbc:postgresql://
                    demo --url jdbc:sqlite::memory:              | in memory
                    demo --url jdbc:sqlite:/no/such/directory/x  | /no/such/directory
                    demo --url jdbc:postgresql://127.0.0.1:1/x   | could not be reached
                    demo --url jdbc:postgresql://h/x?password=pw | TOOLGATE_PASSWORD
                    demo --url jdbc:postgresql://u:pw@h/x        | has a user in front of the host
                    demo --url jdbc:postgresql:                  | names no database
                    run --faults sabotage                        | --faults must be none, kill, freeze, clock or all, not 'sabotage'
                    run --faults none,kill                       | --faults none goes with no other fault
                    run --failpoint after-lunch:kill             | there is no failpoint 'after-lunch'; use one of before-claim
                    run --failpoint after-effect                 | such as after-effect:kill
                    run --failpoint after-effect:clock           | such as after-effect:kill
                    run --recovery pray                          | 'pray'
                    run --provider generous                      | --provider must be dedupe or no-dedupe, not 'generous'
                    run --lease-millis 5                         | --lease-millis must be from 100 to 600000, not 5
                    run --mischief-percent 30                    | --mischief-percent must be from 0 to 25, not 30
                    run --seconds -1                             | --seconds must be from 0 to 86400, not -1
                    run --action com.acme.Missing                | com.acme.Missing
                    run --migrate                                | --migrate needs --url
                    run --embedded-postgres --url jdbc:x:y       | give one of them
                    run --url jdbc:postgresql://127.0.0.1:1/x    | could not be reached
                    """)
    void wrongUsageIsOneLineThatSaysWhatToDo(String arguments, String says) {
        String[] words = arguments.equals("''") ? new String[0] : arguments.split(" ");
        assertThat(RaceMain.run(words, print(out), print(err))).as("%s", err).isEqualTo(RaceMain.USAGE);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .startsWith("toolgate-race: ")
                .contains(says);
    }

    private static PrintStream print(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }
}
