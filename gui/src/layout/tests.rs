//! What must hold of the layouts of all lessons, and of large clusters.

use super::*;

fn plans() -> Vec<Plan> {
    let read = |lesson: &queuescope::scenario::Lesson| queuescope::scenario::read(lesson.name, lesson.text);
    queuescope::scenario::lessons().iter().map(|lesson| read(lesson).expect("lessons are sound")).collect()
}

/// A cluster with so many of each: nameservers, broker sets, producers, groups, and consumers of each group.
fn many([nameservers, sets, producers, groups, consumers]: [usize; 5]) -> Plan {
    let mut text = "title = \"Many\"\nduration = \"1s\"\n".to_owned();
    (0..nameservers).for_each(|it| text += &format!("[[nameservers]]\nname = \"n{it}\"\n"));
    (0..sets).for_each(|it| text += &format!("[[brokers]]\nname = \"b{it}\"\n"));
    let queues: Vec<String> = (0..sets).map(|it| format!("b{it} = 1")).collect();
    text += &format!("[[topics]]\nname = \"t\"\nqueues = {{ {} }}\n", queues.join(", "));
    for it in 0..producers {
        text += &format!("[[producers]]\nname = \"p{it}\"\ntopic = \"t\"\ninterval = \"1s\"\n");
    }
    for it in 0..groups {
        text += &format!("[[groups]]\nname = \"g{it}\"\ntopic = \"t\"\n");
        text += &format!("[[consumers]]\nname = \"c{it}\"\ngroup = \"g{it}\"\ncount = {consumers}\n");
    }
    queuescope::scenario::read("many.toml", &text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// All boxes that must not overlap.
fn boxes(layout: &Layout) -> Vec<Rect> {
    let grouped = |rect: &Rect| layout.groups.iter().any(|group| group.rect.contains_rect(*rect));
    let set = |rect: &Rect| layout.sets.iter().any(|set| set.rect == *rect);
    let single = layout.cards.iter().flatten().filter(|rect| !grouped(rect) && !set(rect)).copied();
    single.chain(layout.sets.iter().map(|set| set.rect)).chain(layout.groups.iter().map(|group| group.rect)).collect()
}

#[test]
fn nothing_overlaps_and_everything_is_on_the_stage() {
    let large = [[1, 1, 1, 10, 2], [12, 2, 40, 3, 5], [3, 14, 7, 5, 3], [1, 40, 60, 12, 12], [1, 1, 1, 1, 80]];
    for plan in plans().into_iter().chain(large.map(many)) {
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
fn a_failover_moves_nothing() {
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
fn many_of_a_kind_stand_in_several_columns_and_can_be_read() {
    let stage = vec2(980.0, 480.0);
    for (counts, least) in
        [([1, 1, 1, 5, 2], 0.6), ([1, 1, 1, 10, 2], 0.6), ([1, 1, 1, 12, 2], 0.6), ([1, 2, 30, 2, 2], 0.6)]
    {
        let plan = many(counts);
        let layout = Layout::of(&plan, stage);
        let fits = (stage.x / layout.bounds.width()).min(stage.y / layout.bounds.height()).min(1.0);
        assert!(layout.scale * fits >= least, "{counts:?}: {}", layout.scale * fits);
    }
    // A kind that can be read in one column stays there.
    let lefts = |layout: &Layout| layout.groups.iter().map(|group| group.rect.left()).collect::<Vec<_>>();
    for plan in plans() {
        let lefts = lefts(&Layout::of(&plan, vec2(940.0, 480.0)));
        assert!(lefts.windows(2).all(|pair| pair[0] == pair[1]), "{}", plan.scenario);
    }
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
