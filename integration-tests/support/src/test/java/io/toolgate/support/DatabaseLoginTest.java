package io.toolgate.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseLoginTest {
    @Test
    void itsTextHasNoPassword() {
        assertThat(new DatabaseLogin("jdbc:postgresql://db/payments", "app", "secret").toString())
                .isEqualTo("jdbc:postgresql://db/payments as app");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db/payments?password=x",
                "jdbc:postgresql://db/payments?user=app&PassWord=x",
                "jdbc:postgresql://db/payments?sslpassword=x"
            })
    void aUrlWithASecretIsRefused(String url) {
        assertThatThrownBy(() -> new DatabaseLogin(url, null, null))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("TOOLGATE_PASSWORD")
                .hasMessageNotContaining("=x");
    }
}
