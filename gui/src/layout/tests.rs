//! What must hold of the layout of every lesson, and of the largest cluster.

use super::*;

fn plans() -> Vec<Plan> {
    let read = |lesson: &queuescope::scenario::Lesson| queuescope::scenario::read(lesson.name, lesson.text);
    queuescope::scenario::lessons().iter().map(|lesson| read(lesson).expect("lessons are sound")).collect()
}

/// Everything that may not overlap anything else.
fn boxes(layout: &Layout) -> Vec<Rect> {
    let grouped = |rect: &Rect| layout.groups.iter().any(|group| group.rect.contains_rect(*rect));
    let set = |rect: &Rect| layout.sets.iter().any(|set| set.rect == *rect);
    let single = layout.cards.iter().flatten().filter(|rect| !grouped(rect) && !set(rect)).copied();
    single.chain(layout.sets.iter().map(|set| set.rect)).chain(layout.groups.iter().map(|group| group.rect)).collect()
}

#[test]
fn nothing_overlaps_and_everything_is_on_the_stage() {
    for plan in plans() {
        for size in [vec2(960.0, 500.0), vec2(1900.0, 1100.0)] {
            let layout = Layout::of(&plan, size);
            let boxes = boxes(&layout);
            for (i, rect) in boxes.iter().enumerate() {
                let over = boxes[i + 1..].iter().find(|other| rect.intersects(**other));
                assert_eq!(over, None, "{} at {size}: {rect:?}", plan.scenario);
                assert!(layout.bounds.contains_rect(*rect), "{} at {size}: {rect:?}", plan.scenario);
            }
            let inside = layout.sets.iter().all(|set| set.rows.iter().all(|row| set.rect.contains_rect(row.rect)));
            assert!(inside, "{}", plan.scenario);
        }
    }
}

#[test]
fn a_failover_changes_no_place() {
    let replicated = plans().into_iter().filter(|plan| plan.sets.iter().any(|set| set.replicas.len() > 1));
    let mut seen = 0;
    for plan in replicated {
        let layout = Layout::of(&plan, vec2(960.0, 500.0));
        for row in layout.sets.iter().flat_map(|set| &set.rows) {
            for leader in 0..row.replicas {
                let lines: Vec<Rect> = (0..row.replicas).map(|place| row.line(place, leader)).collect();
                assert!(lines.windows(2).all(|pair| pair[0].bottom() == pair[1].top()), "{}", plan.scenario);
                // The same lines between the same edges, whoever leads; and room for the lanes below them.
                assert_eq!(lines[0].top(), row.line(0, 0).top());
                assert_eq!(lines[row.replicas - 1].bottom(), row.line(row.replicas - 1, 0).bottom());
                assert!(row.lanes.iter().all(|lane| *lane > lines[row.replicas - 1].bottom()));
                for (place, line) in lines.iter().enumerate() {
                    assert!(line.contains_rect(row.strip(place, leader).intersect(row.rect)));
                    assert_eq!(line.height() > row.line((leader + 1) % row.replicas, leader).height(), place == leader);
                }
                seen += usize::from(row.is_replicated());
            }
        }
    }
    assert!(seen > 4, "there are lessons with slaves");
}

#[test]
fn every_lesson_fits_a_small_stage_at_a_readable_size() {
    for plan in plans() {
        let size = vec2(940.0, 480.0);
        let layout = Layout::of(&plan, size);
        assert!(layout.bounds.width() <= size.x + 1.0 && layout.bounds.height() <= size.y + 1.0, "{}", plan.scenario);
        assert!(layout.scale >= 0.7, "{}: {}", plan.scenario, layout.scale);
    }
}
