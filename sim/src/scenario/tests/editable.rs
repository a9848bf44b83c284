//! A form changes a file key by key, and nothing else in it.

use proptest::prelude::*;

use super::super::{Draft, EditableScenario, LISTS, SectionId, TABLES, TEMPLATE, fields, lessons, read, schema};

fn scenario(text: &str) -> EditableScenario {
    EditableScenario::parse(text).expect("it is TOML")
}

fn set(scenario: &mut EditableScenario, id: SectionId, key: &str, text: &str) {
    let field = fields(id.section).into_iter().find(|field| field.key == key).expect("there is such a key");
    assert!(scenario.set(id, &field, text), "{id:?}");
}

const SHOP: SectionId = SectionId { section: "producers", number: 0 };

#[test]
fn a_key_changes_and_what_stands_beside_it_stays() {
    let mut scenario = scenario(TEMPLATE);
    set(&mut scenario, SectionId::HEAD, "duration", "30s");
    assert_eq!(scenario.text(), TEMPLATE.replace("duration = \"20s\" ", "duration = \"30s\" "));
    set(&mut scenario, SectionId::HEAD, "duration", "20s");
    set(&mut scenario, SHOP, "interval", "{ exp = \"50ms\" }");
    set(&mut scenario, SHOP, "retries", "7");
    assert_eq!(
        (scenario.get(SHOP, "interval"), scenario.get(SHOP, "retries")),
        (Some("{ exp = \"50ms\" }".into()), Some("7".into()))
    );
    set(&mut scenario, SHOP, "interval", "{ exp = \"100ms\" }");
    set(&mut scenario, SHOP, "retries", "");
    assert_eq!(scenario.text(), TEMPLATE);
    let timers = SectionId { section: "timers", number: 0 };
    set(&mut scenario, timers, "expire", "");
    assert_eq!(scenario.text(), TEMPLATE, "to say nothing needs no table");
    set(&mut scenario, timers, "expire", "9s");
    assert!(scenario.text().contains("[timers]\nexpire = \"9s\""), "{}", scenario.text());
}

#[test]
fn a_key_in_parts_keeps_its_parts() {
    let both = TEMPLATE.replace("title = \"My first scenario\"", "# Two.\ntitle.en = \"One\"\ntitle.zh = \"一\"");
    let mut scenario = scenario(&both);
    let keys: Vec<String> = scenario.fields(SectionId::HEAD).into_iter().map(|field| field.key).collect();
    assert_eq!(keys[..3], ["title.en", "title.zh", "summary"]);
    let field = scenario.fields(SectionId::HEAD).remove(1);
    assert_eq!(scenario.get(SectionId::HEAD, "title.zh").as_deref(), Some("一"));
    assert!(scenario.set(SectionId::HEAD, &field, "二"));
    assert_eq!(scenario.text(), both.replace('一', "二"));
}

#[test]
fn a_text_is_one_whatever_it_looks_like_and_a_number_is_none() {
    let mut scenario = scenario(TEMPLATE);
    set(&mut scenario, SHOP, "name", "7");
    set(&mut scenario, SHOP, "keys", "7");
    assert!(scenario.text().contains("name = \"7\"") && scenario.text().contains("keys = 7"), "{}", scenario.text());
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
fn an_added_section_leaves_the_scenario_sound() {
    for section in LISTS {
        let mut scenario = scenario(TEMPLATE);
        let before = scenario.sections();
        let new = scenario.add(section);
        read("more.toml", &scenario.text()).unwrap_or_else(|problems| panic!("{problems}"));
        assert!(scenario.sections().contains(&new) && !before.contains(&new), "{new:?}");
        let mut headers: Vec<String> =
            scenario.text().lines().filter(|line| line.starts_with("[[")).map(str::to_owned).collect();
        headers.dedup();
        assert_eq!(headers.iter().filter(|line| **line == format!("[[{section}]]")).count(), 1, "{headers:?}");
        if section != "topics" && section != "groups" {
            assert_eq!(scenario.find(&scenario.name(new).expect("a name")), Some(new));
        }
        if section != "nameservers" {
            scenario.remove(new);
            assert_eq!(scenario.text(), TEMPLATE, "{section}");
        }
    }
}

#[test]
fn a_broker_set_goes_with_its_queues() {
    let mut scenario = scenario(TEMPLATE);
    let new = scenario.add("brokers");
    assert!(
        scenario.text().contains("broker-1 = 2 , broker = 2") || scenario.text().contains("broker-1 = 2, broker = 2")
    );
    scenario.remove(SectionId { section: "brokers", number: 0 });
    let plan = read("less.toml", &scenario.text()).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!((plan.sets.len(), plan.sets[crate::plan::SetId(0)].name.as_str(), plan.queues.len()), (1, "broker", 2));
    assert_ne!(scenario.find("broker"), Some(new), "it is the first by now");
}

#[test]
fn a_broker_set_gets_slaves_under_names_that_nobody_has() {
    let mut scenario = scenario(TEMPLATE);
    let (set, other) = (SectionId { section: "brokers", number: 0 }, scenario.add("brokers"));
    assert!(
        scenario.add_slave(set) && scenario.add_slave(set) && scenario.add_slave(other) && !scenario.add_slave(SHOP)
    );
    let plan = read("slaves.toml", &scenario.text()).unwrap_or_else(|problems| panic!("{problems}"));
    let names = |set: usize| {
        plan.sets[crate::plan::SetId::from(set)].replicas.iter().map(|node| plan.name(*node)).collect::<Vec<_>>()
    };
    assert_eq!((names(0), names(1)), (vec!["broker-1", "slave", "slave-2"], vec!["broker", "slave-3"]));
    assert_eq!(scenario.find("slave-2"), Some(set));
}

#[test]
fn every_node_of_every_lesson_is_found_by_its_name() {
    for lesson in lessons() {
        let draft = Draft::read(lesson.name, lesson.text).expect("lessons are sound");
        let scenario = scenario(lesson.text);
        for node in &draft.plan().nodes {
            let found = scenario.find(&node.name);
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
        let mut scenario = scenario(lessons()[lesson].text);
        for (kind, which, key, text) in steps {
            let spots = scenario.sections();
            let id = spots[which % spots.len()];
            match kind {
                0 => _ = scenario.add(LISTS[which % LISTS.len()]),
                1 => scenario.remove(id),
                _ => {
                    let fields = scenario.fields(id);
                    let field = &fields[key % fields.len()];
                    scenario.set(id, field, &text);
                    let there = scenario.get(id, &field.key);
                    prop_assert_eq!(there.is_none(), text.trim().is_empty() || id.number >= spots.len());
                }
            }
            let again = EditableScenario::parse(&scenario.text());
            prop_assert!(again.is_some(), "{}", scenario.text());
            prop_assert_eq!(again.map(|again| again.sections()), Some(scenario.sections()));
        }
    }
}
