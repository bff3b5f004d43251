package io.toolgate.race.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Texts above a lane from 100 to 900 px. */
class LabelsTest {
    private static final Pattern TEXT = Pattern.compile("<text x=\"(.*?)\" y=\"(.*?)\" class=\".*?\">(.*?)</text>");

    private record Box(double x, double y, double width, String text) {
        boolean overlaps(Box other) {
            return y == other.y && x < other.x + other.width && other.x < x + width;
        }
    }

    private final Labels labels = new Labels(100, 900);

    @Test
    void noneCoversAnotherHoweverCloseTheyAre() {
        for (int i = 0; i < 40; i++) {
            labels.add(100 + 20 * i, "word number " + i, "");
        }
        List<Box> boxes = boxes();
        assertThat(boxes).hasSizeGreaterThan(15);
        for (Box box : boxes) {
            assertThat(boxes).filteredOn(other -> !other.equals(box)).noneMatch(box::overlaps);
        }
    }

    @Test
    void noneLeavesThePicture() {
        labels.add(100, "at the left edge", "");
        labels.add(900, "at the right edge", "");
        assertThat(boxes()).hasSize(2).allMatch(box -> box.x() >= 100 && box.x() + box.width() <= 900);
    }

    @Test
    void anArrowIsKeptFree() {
        labels.keepFree(500);
        labels.add(495, "left of it", "");
        labels.add(505, "right of it", "");
        labels.add(500, "somewhere", "");
        assertThat(boxes()).hasSize(3).noneMatch(box -> box.x() <= 500 && 500 <= box.x() + box.width());
    }

    @Test
    void theHeightIsThatOfTheRowsInUse() {
        assertThat(labels.height()).isZero();
        labels.add(300, "one", "");
        assertThat(labels.height()).isEqualTo(Labels.ROW);
    }

    private List<Box> boxes() {
        Html html = new Html();
        labels.draw(html, 50);
        List<Box> boxes = new ArrayList<>();
        for (MatchResult found : TEXT.matcher(html.toString()).results().toList()) {
            boxes.add(new Box(
                    Double.parseDouble(found.group(1)),
                    Double.parseDouble(found.group(2)),
                    Labels.width(found.group(3)),
                    found.group(3)));
        }
        return boxes;
    }
}
