package io.toolgate.support.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ParentLinkTest {
    private final CountDownLatch gone = new CountDownLatch(1);

    @Test
    void linesComeInOrder() throws Exception {
        ParentLink link = ParentLink.listen(new ByteArrayInputStream("plan é\ngo\n".getBytes(UTF_8)), gone::countDown);
        assertThat(link.next()).isEqualTo("plan é");
        assertThat(link.next()).isEqualTo("go");
    }

    @Test
    void theEndOfTheInputIsTheParentsDeath() throws Exception {
        try (PipedOutputStream parent = new PipedOutputStream()) {
            ParentLink link = ParentLink.listen(new PipedInputStream(parent), gone::countDown);
            parent.write("plan\n".getBytes(UTF_8));
            parent.flush();
            assertThat(link.next()).isEqualTo("plan");
            assertThat(gone.getCount()).isEqualTo(1);
        }
        assertThat(gone.await(30, TimeUnit.SECONDS)).isTrue();
    }
}
