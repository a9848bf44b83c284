//! Every lesson that is built in: it can be read, keeps its promises, whatever the seed, and speaks both languages.

use std::sync::Arc;

use queuescope::plan::Text;
use queuescope::scenario::{self, Lesson, lessons};
use queuescope_tests::run::run;

/// Seeds with which every lesson is run beside its own.
const SEEDS: std::ops::Range<u64> = 100..150;

/// Lessons whose point is what chance did with one seed, each with the probability that another seed misses it, and why.
const CHANCE: [(&str, f64, &str); 1] = [(
    "17-retry-and-dead-letter",
    // 0.44⁵ + 0.8²⁴: an order of the five is poisoned (0.2), or else does not fail (0.3); an order of the 24 is not poisoned.
    0.0212,
    "where none of the five orders of the bad patch fails and can be done, nobody is done after a retry; where none of all \
     24 is poisoned, there is no dead letter",
)];
/// Seeds with which such a lesson is run.
const CHANCES: std::ops::Range<u64> = 1_000..3_000;

fn plan(lesson: &Lesson) -> Arc<queuescope::plan::Plan> {
    match scenario::read(&format!("{}.toml", lesson.name), lesson.text) {
        Ok(plan) => Arc::new(plan),
        Err(diagnostics) => panic!("{diagnostics}"),
    }
}

/// What a lesson with a seed does not keep.
fn broken(lesson: &Lesson, seed: u64) -> Vec<String> {
    let report = run(&plan(lesson), seed).report;
    let broken = report.expectations.iter().filter(|expected| !expected.passed);
    broken.map(|expected| format!("{}, seed {seed}: {expected:?}", lesson.name)).collect()
}

#[test]
fn every_lesson_keeps_its_promises() {
    assert!(!lessons().is_empty());
    for lesson in lessons() {
        let plan = plan(lesson);
        assert!(!plan.expectations.is_empty(), "{} promises nothing", lesson.name);
        assert_eq!(broken(lesson, plan.seed), Vec::<String>::new());
    }
}

#[test]
fn every_lesson_keeps_its_promises_with_other_seeds() {
    let all = lessons().iter().filter(|lesson| CHANCE.iter().all(|(name, ..)| *name != lesson.name));
    let broken: Vec<String> = all.flat_map(|lesson| SEEDS.flat_map(|seed| broken(lesson, seed))).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_lesson_that_chance_can_break_is_broken_as_seldom_as_is_said() {
    for (name, probability, why) in CHANCE {
        let lesson = lessons().iter().find(|lesson| lesson.name == name);
        let lesson = lesson.unwrap_or_else(|| panic!("no lesson {name}"));
        let seeds = (CHANCES.end - CHANCES.start) as f64;
        let missed = CHANCES.filter(|seed| !broken(lesson, *seed).is_empty()).count() as f64;
        let (mean, deviation) = (seeds * probability, (seeds * probability * (1.0 - probability)).sqrt());
        assert!(
            (missed - mean).abs() < 4.0 * deviation,
            "{name}: {missed} of {seeds} seeds miss its point, {mean} ± {deviation} on paper ({why})"
        );
    }
}

/// Whether a text has a Chinese version that is one.
fn in_both(text: &Text) -> bool {
    let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    !text.en.trim().is_empty() && !text.en.contains(chinese) && text.zh.contains(chinese)
}

#[test]
fn every_text_of_a_lesson_is_in_both_languages() {
    for lesson in lessons() {
        let plan = plan(lesson);
        let mut texts = vec![("title", &plan.title), ("summary", &plan.summary)];
        texts.extend(plan.notes.iter().map(|note| ("note", &note.text)));
        texts.extend(plan.questions.iter().flat_map(|it| [("question", &it.ask), ("because", &it.because)]));
        for (what, text) in texts {
            assert!(in_both(text), "{}: {what} {text:?}", lesson.name);
        }
        assert!(!plan.notes.is_empty(), "{} tells nothing", lesson.name);
        assert!(!plan.questions.is_empty(), "{} asks nothing", lesson.name);
    }
}
