package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailuresTest {
    @Test
    void aRequestThatNeverLeftIsNotExecuted() {
        ConnectException refused = new ConnectException("Connection refused");
        for (Exception one : new Exception[] {
            refused,
            new HttpConnectTimeoutException("HTTP connect timed out"),
            new SocketTimeoutException("Connect timed out"),
            new SSLHandshakeException("PKIX path building failed"),
            new IllegalStateException(new CompletionException(new ExecutionException(refused))),
            new ConnectException("a subclass's message") {}
        }) {
            Failure failure = Failures.ofHttp(one);
            assertThat(failure).as("%s", one).isEqualTo(Failure.notExecuted(one));
            assertThat(failure.cause()).containsSame(one);
        }
    }

    @Test
    void aRequestThatMayHaveArrivedIsUnknown() {
        for (Exception one : new Exception[] {
            new SocketTimeoutException("Read timed out"),
            new SocketTimeoutException(),
            new HttpTimeoutException("request timed out"),
            new SocketException("Connection reset"),
            new IOException("HTTP/1.1 header parser received no bytes"),
            new SSLException("closed"),
            new IllegalStateException("not of HTTP at all")
        }) {
            assertThat(Failures.ofHttp(one)).as("%s", one).isEqualTo(Failure.unknown(one));
        }
    }

    @Test
    void theOutermostThatIsListedDecides() {
        SocketTimeoutException late = new SocketTimeoutException("Read timed out");
        late.initCause(new ConnectException("of something else"));
        assertThat(Failures.ofHttp(new IllegalStateException(late)).kind()).isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void anEarlierTryThatMayHaveLeftMakesItUnknown() {
        ConnectException second = new ConnectException("Failed to connect");
        second.addSuppressed(new IOException("unexpected end of stream"));
        assertThat(Failures.ofHttp(second).kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(Failures.ofHttp(new IllegalStateException(second)).kind()).isEqualTo(Kind.UNKNOWN);

        ConnectException retried = new ConnectException("Connection refused");
        retried.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("sun.net.www.http.HttpClient", "openServer", "HttpClient.java", 1),
            new StackTraceElement("sun.net.www.http.HttpClient", "parseHTTPHeader", "HttpClient.java", 2)
        });
        assertThat(Failures.ofHttp(retried).kind()).isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void anEarlierTryThatDidNotLeaveEitherAndMarksOfPlacesChangeNothing() {
        ConnectException second = new ConnectException("Failed to connect to the second address");
        second.addSuppressed(new ConnectException("Failed to connect to the first address"));
        second.addSuppressed(new Exception("#block terminated with an error"));
        assertThat(Failures.ofHttp(second).kind()).isEqualTo(Kind.NOT_EXECUTED);
    }

    @Test
    void circlesEnd() {
        Exception one = new Exception("one");
        Exception two = new Exception("two", one);
        one.initCause(two);
        assertThat(Failures.ofHttp(two).kind()).isEqualTo(Kind.UNKNOWN);

        ConnectException left = new ConnectException("left");
        ConnectException right = new ConnectException("right");
        left.addSuppressed(right);
        right.addSuppressed(left);
        assertThat(Failures.ofHttp(left).kind()).isEqualTo(Kind.NOT_EXECUTED);
    }

    @Test
    void anExceptionWhoseMessageThrowsIsClassifiedByItsClass() {
        assertThat(Failures.ofHttp(new SocketTimeoutException() {
                            @Override
                            public String getMessage() {
                                throw new IllegalStateException("no message");
                            }
                        })
                        .kind())
                .isEqualTo(Kind.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource({
        "402, REJECTED",
        "422, REJECTED",
        "400, NOT_EXECUTED",
        "401, NOT_EXECUTED",
        "403, NOT_EXECUTED",
        "404, NOT_EXECUTED",
        "429, NOT_EXECUTED",
        "501, NOT_EXECUTED",
        "100, UNKNOWN",
        "200, UNKNOWN",
        "303, UNKNOWN",
        "406, UNKNOWN",
        "408, UNKNOWN",
        "409, UNKNOWN",
        "412, UNKNOWN",
        "418, UNKNOWN",
        "500, UNKNOWN",
        "502, UNKNOWN",
        "503, UNKNOWN",
        "504, UNKNOWN",
        "599, UNKNOWN"
    })
    void aStatusHasItsMeaning(int status, Kind kind) {
        Failure failure = Failures.ofHttpStatus(status);
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.code()).isEqualTo("http-" + status);
        assertThat(failure.message()).isEqualTo("the answer has status " + status);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 99, 600, Integer.MAX_VALUE})
    void whatIsNoStatusIsRefused(int status) {
        assertThatThrownBy(() -> Failures.ofHttpStatus(status))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("HTTP status is " + status + "; it must be 100 to 599");
    }
}
