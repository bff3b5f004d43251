package io.toolgate.store.jdbc.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.jdbc.SqlFileParts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.statement.ColonPrefixSqlParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parameters of every statement are where Jdbi's parser, which knows all of SQL, finds them. */
class NamedSqlTest {
    static Stream<Path> files() {
        return SqlFileParts.files(Path.of("src/main/resources/io/toolgate/store/jdbc")).stream();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyFileIsReadAsJdbiReadsIt(Path file) throws IOException {
        assertAsJdbi(SqlFileParts.body(file));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1",
                ":a",
                "(:a,:b,:a)",
                "x = :now - :a2::bigint",
                "'it''s :no' || :a || ':no'",
                "\"a:no\" = :a_1",
                "a::text, b :: text, :c"
            })
    void colonsThatNameNothingStay(String sql) {
        assertAsJdbi(sql);
    }

    @Test
    void dollarsAndBackslashesAreNotReferences() {
        assertThat(NamedSql.of("'$1\\' || :a || '\\'").text()).isEqualTo("'$1\\' || ? || '\\'");
    }

    @Test
    void aLongLiteralIsNoProblem() {
        String literal = "'" + "it''s ".repeat(100_000) + "'";
        assertThat(NamedSql.of(literal + " || :a").text()).isEqualTo(literal + " || ?");
    }

    @Test
    void aParameterThatTheStatementLacksIsRefused() {
        NamedSql sql = NamedSql.of("UPDATE t SET a = :a");
        assertThatThrownBy(() -> sql.positions("b"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no parameter :b");
    }

    private static void assertAsJdbi(String named) {
        NamedSql actual = NamedSql.of(named);
        var expected = new ColonPrefixSqlParser().parse(named, null);
        List<String> names = expected.getParameters().getParameterNames();
        assertThat(actual.text()).isEqualTo(expected.getSql());
        assertThat(actual.count()).isEqualTo(names.size());
        for (String name : names) {
            List<Integer> positions = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                if (names.get(i).equals(name)) {
                    positions.add(i + 1);
                }
            }
            assertThat(actual.positions(name)).as(name).isEqualTo(positions);
        }
    }
}
