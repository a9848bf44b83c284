//! A form changes a file key by key, and nothing else in it.

use proptest::prelude::*;

use super::super::{Draft, LISTS, Sheet, Spot, TABLES, TEMPLATE, fields, lessons, read, schema};

fn sheet(text: &str) -> Sheet {
    Sheet::parse(text).expect("it is TOML")
}

fn set(sheet: &mut Sheet, spot: Spot, key: &str, text: &str) {
    let field = fields(spot.section).into_iter().find(|field| field.key == key).expect("there is such a key");
    assert!(sheet.set(spot, &field, text), "{spot:?}");
}

const SHOP: Spot = Spot { section: "producers", number: 0 };

#[test]
fn a_key_changes_and_what_stands_beside_it_stays() {
    let mut sheet = sheet(TEMPLATE);
    set(&mut sheet, Spot::HEAD, "duration", "30s");
    assert_eq!(sheet.text(), TEMPLATE.replace("duration = \"20s\" ", "duration = \"30s\" "));
    set(&mut sheet, Spot::HEAD, "duration", "20s");
    set(&mut sheet, SHOP, "interval", "{ exp = \"50ms\" }");
    set(&mut sheet, SHOP, "retries", "7");
    assert_eq!(
        (sheet.get(SHOP, "interval"), sheet.get(SHOP, "retries")),
        (Some("{ exp = \"50ms\" }".into()), Some("7".into()))
    );
    set(&mut sheet, SHOP, "interval", "{ exp = \"100ms\" }");
    set(&mut sheet, SHOP, "retries", "");
    assert_eq!(sheet.text(), TEMPLATE);
    let timers = Spot { section: "timers", number: 0 };
    set(&mut sheet, timers, "expire", "");
    assert_eq!(sheet.text(), TEMPLATE, "to say nothing needs no table");
    set(&mut sheet, timers, "expire", "9s");
    assert!(sheet.text().contains("[timers]\nexpire = \"9s\""), "{}", sheet.text());
}

#[test]
fn a_key_in_parts_keeps_its_parts() {
    let both = TEMPLATE.replace("title = \"My first scenario\"", "# Two.\ntitle.en = \"One\"\ntitle.zh = \"一\"");
    let mut sheet = sheet(&both);
    let keys: Vec<String> = sheet.fields(Spot::HEAD).into_iter().map(|field| field.key).collect();
    assert_eq!(keys[..3], ["title.en", "title.zh", "summary"]);
    let field = sheet.fields(Spot::HEAD).remove(1);
    assert_eq!(sheet.get(Spot::HEAD, "title.zh").as_deref(), Some("一"));
    assert!(sheet.set(Spot::HEAD, &field, "二"));
    assert_eq!(sheet.text(), both.replace('一', "二"));
}

#[test]
fn a_text_is_one_whatever_it_looks_like_and_a_number_is_none() {
    let mut sheet = sheet(TEMPLATE);
    set(&mut sheet, SHOP, "name", "7");
    set(&mut sheet, SHOP, "keys", "7");
    assert!(sheet.text().contains("name = \"7\"") && sheet.text().contains("keys = 7"), "{}", sheet.text());
    let flag = fields("groups").into_iter().find(|field| field.key == "ordered").expect("there is such a key");
    assert_eq!((flag.choices, flag.default), (vec!["true".to_owned(), "false".to_owned()], Some("false".to_owned())));
}

#[test]
fn a_form_has_every_key_of_a_section_with_its_meaning() {
    let schema = schema();
    let of = |name: &str| schema["$defs"][name]["properties"].as_object().expect("a section").len();
    let names = ["Nameserver", "Broker", "Topic", "Service", "Producer", "Group", "Consumer"];
    for (section, name) in LISTS.into_iter().zip(names) {
        assert_eq!(fields(section).len(), of(name), "{section}");
        assert_eq!(fields(section)[0].key, "name");
    }
    assert_eq!((fields("network").len(), fields("timers").len()), (of("Network"), of("Timers")));
    assert!(TABLES.into_iter().chain(LISTS).flat_map(fields).all(|field| field.about.len() > 3));
}

#[test]
fn whatever_is_added_makes_a_sound_scenario_again() {
    for section in LISTS {
        let mut sheet = sheet(TEMPLATE);
        let before = sheet.spots();
        let new = sheet.add(section);
        read("more.toml", &sheet.text()).unwrap_or_else(|problems| panic!("{problems}"));
        assert!(sheet.spots().contains(&new) && !before.contains(&new), "{new:?}");
        let mut headers: Vec<String> =
            sheet.text().lines().filter(|line| line.starts_with("[[")).map(str::to_owned).collect();
        headers.dedup();
        assert_eq!(headers.iter().filter(|line| **line == format!("[[{section}]]")).count(), 1, "{headers:?}");
        if section != "topics" && section != "groups" {
            assert_eq!(sheet.find(&sheet.name(new).expect("a name")), Some(new));
        }
        if section != "nameservers" {
            sheet.remove(new);
            assert_eq!(sheet.text(), TEMPLATE, "{section}");
        }
    }
}

#[test]
fn a_broker_set_goes_with_its_queues() {
    let mut sheet = sheet(TEMPLATE);
    let new = sheet.add("brokers");
    assert!(sheet.text().contains("broker-1 = 2 , broker = 2") || sheet.text().contains("broker-1 = 2, broker = 2"));
    sheet.remove(Spot { section: "brokers", number: 0 });
    let plan = read("less.toml", &sheet.text()).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!((plan.sets.len(), plan.sets[crate::plan::SetId(0)].name.as_str(), plan.queues.len()), (1, "broker", 2));
    assert_ne!(sheet.find("broker"), Some(new), "it is the first by now");
}

#[test]
fn a_broker_set_gets_slaves_under_names_that_nobody_has() {
    let mut sheet = sheet(TEMPLATE);
    let (set, other) = (Spot { section: "brokers", number: 0 }, sheet.add("brokers"));
    assert!(sheet.add_slave(set) && sheet.add_slave(set) && sheet.add_slave(other) && !sheet.add_slave(SHOP));
    let plan = read("slaves.toml", &sheet.text()).unwrap_or_else(|problems| panic!("{problems}"));
    let names = |set: usize| {
        plan.sets[crate::plan::SetId::from(set)].replicas.iter().map(|node| plan.name(*node)).collect::<Vec<_>>()
    };
    assert_eq!((names(0), names(1)), (vec!["broker-1", "slave", "slave-2"], vec!["broker", "slave-3"]));
    assert_eq!(sheet.find("slave-2"), Some(set));
}

#[test]
fn every_node_of_every_lesson_is_found_by_its_name() {
    for lesson in lessons() {
        let draft = Draft::read(lesson.name, lesson.text).expect("lessons are sound");
        let sheet = sheet(lesson.text);
        for node in &draft.plan().nodes {
            let found = sheet.find(&node.name);
            assert!(found.is_some() || node.name == "nameserver", "{} of {}", node.name, lesson.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is done by a form to whatever file: it stays TOML, and what was set is there.
    #[test]
    fn a_form_never_breaks_the_file(
        lesson in 0..lessons().len(),
        steps in prop::collection::vec((0..4_u8, 0..40_usize, 0..20_usize, "[ -~]{0,12}|[0-9]{1,4}(ms|s)|\\{ exp = \"5ms\" \\}"), 1..12),
    ) {
        let mut sheet = sheet(lessons()[lesson].text);
        for (kind, which, key, text) in steps {
            let spots = sheet.spots();
            let spot = spots[which % spots.len()];
            match kind {
                0 => _ = sheet.add(LISTS[which % LISTS.len()]),
                1 => sheet.remove(spot),
                _ => {
                    let fields = sheet.fields(spot);
                    let field = &fields[key % fields.len()];
                    sheet.set(spot, field, &text);
                    let there = sheet.get(spot, &field.key);
                    prop_assert_eq!(there.is_none(), text.trim().is_empty() || spot.number >= spots.len());
                }
            }
            let again = Sheet::parse(&sheet.text());
            prop_assert!(again.is_some(), "{}", sheet.text());
            prop_assert_eq!(again.map(|again| again.spots()), Some(sheet.spots()));
        }
    }
}
