package io.toolgate.race.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A fresh directory that holds everything one run writes. */
public final class RunDirectory {
    private final Path path;

    private RunDirectory(Path path) {
        this.path = path;
    }

    /** Makes one among the temporary files, readable by its owner only where the file system knows owners. */
    public static RunDirectory create() throws IOException {
        return new RunDirectory(Files.createTempDirectory("toolgate-race-").toRealPath());
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** The file called {@code name} in it. */
    public Path file(String name) {
        return path.resolve(name);
    }

    /** A directory in it for what child processes unpack. */
    public Path scratch() throws IOException {
        return Files.createDirectories(path.resolve("scratch"));
    }

    /** Removes it with everything in it. */
    public void delete() throws IOException {
        deleteTree(path);
    }

    /** The files in it whose names end so. */
    public List<Path> filesEnding(String suffix) throws IOException {
        return files("*" + suffix);
    }

    /** Removes the files in it whose names start so. */
    public void deleteStartingWith(String prefix) throws IOException {
        for (Path file : files(prefix + "*")) {
            Files.deleteIfExists(file);
        }
    }

    private List<Path> files(String pattern) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> some = Files.newDirectoryStream(path, pattern)) {
            some.forEach(files::add);
        }
        files.sort(null);
        return files;
    }

    /** Removes {@code root} with everything in it, if it is there. */
    public static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                // A process that is ending removes its own scratch files meanwhile.
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
