package io.toolgate.store.jdbc.internal.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.toolgate.store.StoreException;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.internal.open.SqliteOpener;
import io.toolgate.store.jdbc.internal.open.StoreSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A place at which a store cannot be is refused before anything is created there. */
class SqlitePlaceTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("store.db");
    }

    private JdbcIdempotencyStore open() {
        return open(file);
    }

    private static JdbcIdempotencyStore open(Path path) {
        return JdbcIdempotencyStore.open("jdbc:sqlite:" + path);
    }

    /** Each name would have a log of its own. */
    @Test
    @Rule(1)
    void aFileWithTwoNamesIsRefusedByEither() throws IOException {
        open().close();
        Path other = Files.createLink(directory.resolve("other.db"), file);
        for (Path name : new Path[] {file, other}) {
            assertThatThrownBy(() -> open(name))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining(name + " has 2 names (hard links)")
                    .hasMessageContaining("remove them");
        }
        assertThat(directory.resolve("other.db.toolgate")).doesNotExist();
        Files.delete(other);
        open().close();
    }

    @Test
    @Rule(1)
    void aFileWithTwoNamesIsRefusedThroughASymbolicLink() throws IOException {
        open().close();
        Path unused = Files.createLink(directory.resolve("other.db"), file);
        Path link = Files.createSymbolicLink(directory.resolve("link.db"), file);
        assertThatThrownBy(() -> open(link))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("has 2 names");
    }

    @Test
    @Rule(1)
    void aMountOfASingleFileIsRefused() throws Exception {
        open().close();
        Path mounted =
                Files.createFile(Files.createDirectory(directory.resolve("a b")).resolve("store.db"));
        assumeTrue(Mounts.run("mount", "--bind", file.toString(), mounted.toString()), "only root may mount");
        try {
            assertThatThrownBy(() -> open(mounted))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining(mounted + " is a mount of that single file")
                    .hasMessageContaining("Mount the directory");
            open().close();
        } finally {
            assertThat(Mounts.run("umount", mounted.toString())).isTrue();
        }
        assertThat(mounted.resolveSibling("store.db.toolgate")).doesNotExist();
    }

    /** Its log is in the same directory, whatever that is called. */
    @Test
    @Rule(1)
    void aMountOfTheDirectoryIsTheSameStore() throws Exception {
        open().close();
        Path mounted = Files.createDirectory(directory.resolveSibling(directory.getFileName() + "-mounted"));
        assumeTrue(Mounts.run("mount", "--bind", directory.toString(), mounted.toString()), "only root may mount");
        try {
            open(mounted.resolve("store.db")).close();
        } finally {
            assertThat(Mounts.run("umount", mounted.toString())).isTrue();
            Files.delete(mounted);
        }
    }

    @Test
    void theKernelsTableOfMountsIsReadWithItsEscapes() throws IOException {
        Path table = Files.writeString(directory.resolve("mountinfo"), """
                22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
                36 22 254:0 /srv/store.db /data/a\\040b\\134c/store.db rw,relatime - ext4 /dev/vda rw
                """);
        assertThat(SqlitePlace.isMountPoint(Path.of("/data/a b\\c/store.db"), table))
                .isTrue();
        assertThat(SqlitePlace.isMountPoint(Path.of("/srv/store.db"), table)).isFalse();
        assertThat(SqlitePlace.isMountPoint(Path.of("/srv/store.db"), directory.resolve("missing")))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ext4",
                "xfs",
                "btrfs",
                "zfs",
                "tmpfs",
                "overlay",
                "apfs",
                "NTFS",
                "fuseblk",
                "fuse.fuse-overlayfs"
            })
    void aLocalFileSystemIsAccepted(String type) {
        assertThatCode(() -> SqlitePlace.check(file, path -> type)).doesNotThrowAnyException();
    }

    @Test
    void theFileSystemOfALinksTargetCounts() throws IOException {
        Path far = Files.createDirectory(directory.resolve("far"));
        open(far.resolve("store.db")).close();
        Path unused = Files.createSymbolicLink(file, far.resolve("store.db"));
        assertThatThrownBy(() -> SqlitePlace.check(file, path -> path.endsWith("far") ? "nfs4" : "ext4"))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("file system of type nfs4");
    }

    @Test
    void aDirectoryAndAMissingOneAreRefused() {
        assertThatThrownBy(() -> JdbcIdempotencyStore.open("jdbc:sqlite:" + directory))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("is a directory");
        assertThatThrownBy(() -> JdbcIdempotencyStore.open("jdbc:sqlite:" + directory.resolve("missing/store.db")))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("does not exist");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nfs4",
                "nfs",
                "cifs",
                "smb3",
                "9p",
                "virtiofs",
                "ceph",
                "glusterfs",
                "lustre",
                "beegfs",
                "gpfs",
                "vboxsf",
                "fuse",
                "fuse.sshfs",
                "fuse.glusterfs",
                "fuse.ceph-fuse",
                "fuse.s3fs",
                "fuse.rclone",
                "fuse.juicefs",
                "fuse.mfs",
                "fuse.gcsfuse",
                "fuse.moosefs",
                "fuse.grpcfuse",
                "fuse.nobody-knows"
            })
    void aNetworkFileSystemIsRefusedBeforeAnythingIsCreated(String type) {
        StoreSettings settings = StoreSettings.defaults(null, null);
        assertThatThrownBy(() -> new SqliteOpener(settings, path -> type, Duration.ZERO).open(file))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("file system of type " + type);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aFileWithoutWritePermissionIsRefused() {
        open().close();
        assertThatThrownBy(() -> SqlitePlace.check(file, path -> "ext4", path -> !path.equals(file)))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining(file + " is read-only for this process");
        assertThatThrownBy(() -> SqlitePlace.check(file, path -> "ext4", path -> !path.equals(directory)))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("The directory " + directory + " is read-only for this process");
    }
}
