package io.toolgate.store.jdbc.internal.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What each error says about the statement that it broke. */
class SqlErrorKindTest {
    @ParameterizedTest
    @CsvSource({
        "40001,ABORTED",
        "40P01,ABORTED",
        "40002,ABORTED",
        "55P03,ABORTED",
        "57014,ABORTED",
        "25006,ABORTED",
        "25P02,ABORTED",
        "0A000,ABORTED",
        "40003,UNCERTAIN",
        "08000,UNCERTAIN",
        "08003,UNCERTAIN",
        "08006,UNCERTAIN",
        "57P01,UNCERTAIN",
        "57P02,UNCERTAIN",
        "57P03,UNCERTAIN",
        "58030,UNCERTAIN",
        "XX000,UNCERTAIN",
        "53100,NO_ROOM",
        "53200,NO_ROOM",
        "53300,NO_ROOM",
        "22001,REFUSED",
        "22021,REFUSED",
        "23514,REFUSED",
        "54000,REFUSED",
        "42P01,MISCONFIGURED",
        "42501,MISCONFIGURED",
        "3F000,MISCONFIGURED",
        "26000,MISCONFIGURED",
        "XX001,DAMAGED",
        "XX002,DAMAGED",
        "99999,UNCERTAIN"
    })
    void ofPostgres(String state, SqlErrorKind expected) {
        assertThat(SqlErrorKind.of(new SQLException("x", state))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "SQLITE_BUSY,ABORTED",
        "SQLITE_BUSY_SNAPSHOT,ABORTED",
        "SQLITE_BUSY_RECOVERY,ABORTED",
        "SQLITE_BUSY_TIMEOUT,ABORTED",
        "SQLITE_LOCKED,ABORTED",
        "SQLITE_LOCKED_SHAREDCACHE,ABORTED",
        "SQLITE_PROTOCOL,ABORTED",
        "SQLITE_SCHEMA,ABORTED",
        "SQLITE_INTERRUPT,ABORTED",
        "SQLITE_ABORT_ROLLBACK,ABORTED",
        "SQLITE_IOERR,UNCERTAIN",
        "SQLITE_IOERR_FSYNC,UNCERTAIN",
        "SQLITE_IOERR_WRITE,UNCERTAIN",
        "UNKNOWN_ERROR,UNCERTAIN",
        "SQLITE_FULL,NO_ROOM",
        "SQLITE_NOMEM,NO_ROOM",
        "SQLITE_CANTOPEN,NO_ROOM",
        "SQLITE_TOOBIG,REFUSED",
        "SQLITE_CONSTRAINT_CHECK,REFUSED",
        "SQLITE_CONSTRAINT_DATATYPE,REFUSED",
        "SQLITE_MISMATCH,REFUSED",
        "SQLITE_READONLY,MISCONFIGURED",
        "SQLITE_READONLY_DBMOVED,MISCONFIGURED",
        "SQLITE_ERROR,MISCONFIGURED",
        "SQLITE_CORRUPT,DAMAGED",
        "SQLITE_NOTADB,DAMAGED"
    })
    void ofSqliteByItsExtendedCode(SQLiteErrorCode code, SqlErrorKind expected) {
        assertThat(SqlErrorKind.of(new SQLiteException("x", code))).isEqualTo(expected);
    }

    @Test
    void withoutASqlStateTheKindIsUnknown() {
        assertThat(SqlErrorKind.of(new SQLException("x"))).isEqualTo(SqlErrorKind.UNCERTAIN);
        assertThat(SqlErrorKind.of(new SQLException("x", "abc"))).isEqualTo(SqlErrorKind.UNCERTAIN);
    }
}
