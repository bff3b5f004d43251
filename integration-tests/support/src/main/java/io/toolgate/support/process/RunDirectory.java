package io.toolgate.support.process;

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

/** A new directory for all files of one run. */
public final class RunDirectory {
    private final Path path;

    private RunDirectory(Path path) {
        this.path = path;
    }

    /** Makes one in {@code parent}, readable by its owner only where the file system knows owners. */
    public static RunDirectory create(Path parent, String prefix) throws IOException {
        return new RunDirectory(Files.createTempDirectory(parent, prefix).toRealPath());
    }

    /** Makes one in the directory for temporary files. */
    public static RunDirectory create(String prefix) throws IOException {
        return create(Path.of(System.getProperty("java.io.tmpdir")), prefix);
    }

    /** Its path. */
    public Path path() {
        return path;
    }

    /** The file called {@code name} in it. */
    public Path file(String name) {
        return path.resolve(name);
    }

    /** A directory in it where child processes unpack their native code. */
    public Path scratch() throws IOException {
        return Files.createDirectories(path.resolve("scratch"));
    }

    /** Removes it with everything in it. */
    public void delete() throws IOException {
        deleteTree(path);
    }

    /** The files in it whose names end with {@code suffix}, sorted. */
    public List<Path> filesEnding(String suffix) throws IOException {
        return files("*" + suffix);
    }

    /** Removes the files in it whose names start with {@code prefix}. */
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

    /** Removes {@code root} with everything in it, if it exists. */
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
                // An ending process removes its own scratch files at the same time.
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
