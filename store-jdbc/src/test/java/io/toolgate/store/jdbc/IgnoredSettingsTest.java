package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.StoreException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Settings that a store would ignore are refused before anything is opened. */
class IgnoredSettingsTest {
    @TempDir
    Path directory;

    /** A setting, and what its refusal says. */
    private record Setting(String says, UnaryOperator<JdbcIdempotencyStore.Builder> set) {
        @Override
        public String toString() {
            return says;
        }
    }

    private static PGSimpleDataSource nobodyAsked() {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setPortNumbers(new int[] {1});
        return dataSource;
    }

    static Stream<Arguments> besideDataSource() {
        return Stream.of(
                Arguments.of(new Setting("user(…) would be ignored", builder -> builder.user("runtime"))),
                Arguments.of(new Setting("password(…) would be ignored", builder -> builder.password("secret"))));
    }

    @ParameterizedTest
    @MethodSource("besideDataSource")
    void besideADataSource(Setting setting) {
        JdbcIdempotencyStore.Builder builder = setting.set().apply(JdbcIdempotencyStore.builder(nobodyAsked()));
        assertThatThrownBy(builder::open)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining(setting.says())
                .hasMessageNotContaining("secret");
    }

    static Stream<Arguments> onSqlite() {
        return Stream.of(
                Arguments.of(new Setting("has no roles", builder -> builder.user("runtime"))),
                Arguments.of(new Setting("is not encrypted", builder -> builder.password("secret"))),
                Arguments.of(new Setting("no proxy", builder -> builder.transactionPooling(true))),
                Arguments.of(new Setting("takes no listener", builder -> builder.listener(nobodyAsked()))));
    }

    @ParameterizedTest
    @MethodSource("onSqlite")
    void onSqlite(Setting setting) {
        Path file = directory.resolve("store.db");
        JdbcIdempotencyStore.Builder builder = setting.set().apply(JdbcIdempotencyStore.builder("jdbc:sqlite:" + file));
        assertThatThrownBy(builder::open)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining(setting.says())
                .hasMessageNotContaining("secret");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void toolsRefuseThemToo() {
        String url = TestSqlite.installed(directory.resolve("store.db"));
        assertThatThrownBy(() -> StoreAccess.to(url, "runtime", null))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("has no roles");
    }
}
