package io.toolgate.race.report;

import io.toolgate.race.checker.Evidence;
import io.toolgate.race.result.RaceResult;
import io.toolgate.support.Messages;
import io.toolgate.support.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * The HTML report of a race, one file that loads nothing: no script, no font, no picture from elsewhere, and a content
 * security policy that allows its own style sheet only.
 */
public final class Report {
    private static final String FILE = "report.html";
    private static final String STYLES = "report.css";

    private Report() {}

    /**
     * Writes the report into {@code directory}, which is created if it does not exist.
     *
     * @param repeatCommand the command that repeats the race
     * @return the file
     * @throws UsageException if {@code directory} cannot be created
     * @throws IOException if the histories cannot be read, or the page cannot be written
     */
    public static Path write(Path directory, RaceResult result, Evidence evidence, String repeatCommand)
            throws IOException {
        requireDirectory(directory);
        KeyTimelines.Found found = KeyTimelines.read(evidence, result.verdict());
        Path file = directory.resolve(FILE);
        Files.writeString(file, page(result, evidence, repeatCommand, found));
        return file;
    }

    /**
     * Creates {@code directory} if it does not exist.
     *
     * @throws UsageException if it cannot be created
     */
    public static void requireDirectory(Path directory) throws IOException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new UsageException("--report needs a directory, but " + directory + " is a file: name another path");
        }
        try {
            Files.createDirectories(directory);
        } catch (FileSystemException e) {
            throw new UsageException(
                    "--report needs a directory, but " + directory + " cannot be created: " + Messages.oneLine(e), e);
        }
    }

    private static String page(RaceResult result, Evidence evidence, String repeatCommand, KeyTimelines.Found found) {
        String styles = styles();
        List<KeyTimeline> timelines = found.timelines();
        Map<String, String> places = Pictures.places(timelines);
        Html html = new Html();
        html.open("html", "lang", "en");
        html.open("head");
        html.empty("meta", "charset", "utf-8");
        html.empty(
                "meta",
                "http-equiv",
                "Content-Security-Policy",
                "content",
                "default-src 'none'; style-src 'sha256-" + digest(styles) + "'; base-uri 'none'; form-action 'none'");
        html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.empty("meta", "name", "color-scheme", "content", "light dark");
        html.leaf("title", "ToolGate race: " + (result.verdict().held() ? "held" : "violated"));
        html.raw("style", styles);
        html.close();
        html.open("body");
        Glyphs.patterns(html);
        html.open("main");
        Summary.write(html, result, evidence.terms(), repeatCommand);
        Findings findings = new Findings(html, result.verdict(), places);
        findings.violations();
        findings.apart(evidence.terms());
        Pictures pictures = new Pictures(html, evidence);
        pictures.latencies(result.verdict().figures());
        pictures.course(found.course());
        pictures.timelines(timelines);
        html.close();
        html.close();
        html.close();
        return "<!DOCTYPE html>\n" + html;
    }

    private static String styles() {
        try (InputStream in = Report.class.getResourceAsStream(STYLES)) {
            if (in == null) {
                throw new IllegalStateException("the style sheet " + STYLES + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
