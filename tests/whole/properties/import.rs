//! Import: a random cluster, printed as its tools would and pasted as people do, is read back as it was, and what comes of it
//! is a sound scenario that runs and keeps up; whatever is done to the print, nothing worse comes of it than problems with
//! places.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use queuescope::import::{File, Imported, scenario};
use queuescope::plan::Plan;
use queuescope::run;
use queuescope::scenario::read;
use queuescope_tests::real::paste::{Paste, pastes};
use queuescope_tests::real::{PrintManner, RealCluster, clusters, print};

use super::runner;

/// What a plan, or a real cluster, has: enough to tell any two apart.
#[derive(PartialEq, Eq, Debug, Default)]
struct ReadBack {
    /// Replicas of each broker set.
    sets: BTreeMap<String, usize>,
    /// Queues by topic and broker set.
    queues: BTreeMap<(String, String), u32>,
    /// The topic and the number of consumers of each group.
    groups: BTreeMap<String, (String, usize)>,
}

fn of_plan(plan: &Plan) -> ReadBack {
    let mut found = ReadBack::default();
    for set in &plan.sets {
        found.sets.insert(set.name.clone(), set.replicas.len());
    }
    for queue in &plan.queues {
        let key = (plan.topics[queue.topic].name.clone(), plan.sets[queue.set].name.clone());
        *found.queues.entry(key).or_default() += 1;
    }
    for group in &plan.groups {
        let topic = plan.topics[group.topic].name.clone();
        found.groups.insert(group.name.clone(), (topic, group.consumers.len()));
    }
    found
}

fn of_cluster(cluster: &RealCluster, manner: PrintManner) -> ReadBack {
    let mut found = ReadBack::default();
    for (number, set) in cluster.sets.iter().enumerate() {
        let set_name = manner.name_of_set(number, set);
        let mut holds = false;
        for topic in &cluster.topics {
            if topic.queues[number] > 0 {
                holds = true;
                found.queues.insert((topic.name.clone(), set_name.clone()), topic.queues[number]);
            }
        }
        // A set without a queue cannot take part.
        if holds {
            found.sets.insert(set_name, 1 + set.slaves);
        }
    }
    for group in &cluster.groups {
        for topic in group.behind.keys() {
            let topic = &cluster.topics[*topic].name;
            let name = if group.behind.len() > 1 { format!("{}@{topic}", group.name) } else { group.name.clone() };
            found.groups.insert(name, (topic.clone(), group.consumers));
        }
    }
    found
}

fn import<B: AsRef<[u8]>>(files: &[(String, B)]) -> Result<Imported, Vec<queuescope::scenario::Diagnostics>> {
    let files: Vec<File<'_>> = files.iter().map(|(name, bytes)| File { name, bytes: bytes.as_ref() }).collect();
    scenario(&files)
}

fn manners() -> impl Strategy<Value = PrintManner> {
    prop::sample::select(PrintManner::ALL.to_vec())
}

/// Its kind, where, and what is put there.
type PasteChange<'t> = (u8, Index, &'t str);

/// One change of a text: characters taken away or put in, lines taken away, doubled, or all the rest; or a name that is
/// longer everywhere.
fn changed(text: &str, name: &str, (kind, at, piece): PasteChange<'_>) -> String {
    let characters: Vec<char> = text.chars().collect();
    let lines: Vec<&str> = text.lines().collect();
    if characters.is_empty() {
        return piece.to_owned();
    }
    let (character, line) = (at.index(characters.len()), at.index(lines.len()));
    let part = |from: usize, to: usize| characters[from..to.min(characters.len())].iter().collect::<String>();
    let all = characters.len();
    match kind {
        0 => part(0, character),
        1 => part(0, character) + &part((character + 3).min(all), all),
        2 => part(0, character) + piece + &part(character, all),
        3 => text.replace(name, &format!("{name}{piece}")),
        4 => [&lines[..line], &lines[line + 1..]].concat().join("\n"),
        _ => [&lines[..=line], &lines[line..]].concat().join("\n"),
    }
}

/// A printed cluster is read back, in whatever order its files come and however they were pasted; what comes of it runs and
/// keeps up.
fn is_read_back(cluster: &RealCluster, manner: PrintManner, turn: usize, paste: Option<&Paste>) -> TestCaseResult {
    let mut printed = print(cluster, manner);
    let turn = turn % printed.len();
    printed.rotate_left(turn);
    let of = |text: String| paste.map_or_else(|| text.clone().into_bytes(), |paste| paste.of(&text));
    let files: Vec<(String, Vec<u8>)> = printed.into_iter().map(|(name, text)| (name, of(text))).collect();
    let shown =
        || files.iter().map(|(name, text)| format!("{name}:\n{}", String::from_utf8_lossy(text))).collect::<String>();
    let text = import(&files).unwrap_or_else(|problems| panic!("{}\n{}", problems[0], shown())).text;
    let plan = read("imported.toml", &text).unwrap_or_else(|problems| panic!("{problems}\n{text}"));
    prop_assert_eq!(of_plan(&plan), of_cluster(cluster, manner), "{}\n{}", text, shown());
    for behind in cluster.groups.iter().flat_map(|group| group.behind.values()) {
        prop_assert!(text.contains(&format!("it was {behind} message")), "{} in\n{}\n{}", behind, text, shown());
    }
    let again = import(&files).map(|imported| imported.text);
    prop_assert_eq!(Ok(&text), again.as_ref());
    if paste.is_some() {
        return Ok(());
    }

    let plan = Arc::new(plan);
    let report = run::run(Arc::clone(&plan), plan.seed).unwrap_or_else(|passed| panic!("{passed}\n{text}"));
    prop_assert!(report.passed(), "{}", text);
    for group in report.groups.iter().filter(|group| !group.consumers.is_empty()) {
        prop_assert!(group.done > 0, "{}", text);
        prop_assert_eq!((group.waiting, group.in_process, group.dead_lettered), (0, 0, 0), "{}", text);
    }
    Ok(())
}

/// A print that was changed is read or refused with places; what is read is a sound scenario.
fn is_read_or_refused(files: &[(String, String)]) -> TestCaseResult {
    match import(files) {
        Ok(imported) => {
            let read = read("imported.toml", &imported.text);
            prop_assert!(read.is_ok(), "{}\n{}", read.expect_err("it is none"), imported.text);
        }
        Err(bad) => {
            for diagnostics in bad {
                prop_assert!(!diagnostics.problems.is_empty());
                for problem in &diagnostics.problems {
                    prop_assert!(diagnostics.text.get(problem.place.clone()).is_some(), "{:?}", problem);
                    prop_assert!(problem.help.is_some(), "{:?}", problem);
                }
            }
        }
    }
    Ok(())
}

#[test]
fn a_printed_cluster_is_read_back_and_runs() {
    let holds = |(cluster, manner, turn)| is_read_back(&cluster, manner, turn, None);
    runner().run(&(clusters(), manners(), 0..8_usize), holds).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_printed_cluster_is_read_back_however_it_was_pasted() {
    let holds = |(cluster, several): (RealCluster, Vec<(PrintManner, usize, Paste)>)| {
        several.into_iter().try_for_each(|(manner, turn, paste)| is_read_back(&cluster, manner, turn, Some(&paste)))
    };
    let pasted = prop::collection::vec((manners(), 0..8_usize, pastes()), 10);
    runner().run(&(clusters(), pasted), holds).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_print_that_was_changed_is_read_or_refused_with_places() {
    let change = (0..6_u8, any::<Index>(), prop::sample::select(PIECES));
    let changes = prop::collection::vec(prop::collection::vec(change, 1..5), 20);
    let holds = |(cluster, manner, several): (RealCluster, PrintManner, Vec<Vec<PasteChange<'_>>>)| {
        for changes in several {
            let mut files = print(&cluster, manner);
            for change in changes {
                let names =
                    cluster.sets.iter().map(|set| &set.name).chain(cluster.topics.iter().map(|topic| &topic.name));
                let names: Vec<&String> = names.chain(cluster.groups.iter().map(|group| &group.name)).collect();
                let name = change.1.get(&names);
                let file = change.1.index(files.len());
                files[file].1 = changed(&files[file].1, name, change);
            }
            is_read_or_refused(&files)?;
        }
        Ok(())
    };
    runner().run(&(clusters(), manners(), changes), holds).unwrap_or_else(|error| panic!("{error}"));
}

const PIECES: &[&str] = &[
    " ",
    "\n",
    "{",
    "}",
    "[",
    "\"",
    "\\",
    ":",
    ",",
    "#",
    "#Topic",
    "-",
    "-1",
    "99999999999999999999",
    "主从",
    "\u{0}",
    "\u{85}",
    "\r",
    "%RETRY%",
    "mqadmin -g",
    "\n{",
    "Exception: ",
    "0x",
    "1e9",
    "=",
];
