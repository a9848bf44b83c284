//! Generated clusters: with none of something, with very many of something, with names of every kind. Each is a scenario as
//! text.

/// A cluster, with a name for the reader of a failure.
pub(super) struct Cluster {
    pub(super) name: String,
    pub(super) text: String,
}

/// What a cluster is made of.
struct ClusterParts<'a> {
    title: &'a str,
    brokers: usize,
    slaves: usize,
    /// Queues of the only topic at each broker set.
    queues: usize,
    producers: usize,
    groups: usize,
    /// Consumers of each group.
    consumers: usize,
    /// The name of a node, from its kind and number.
    named: fn(&str, usize) -> String,
    /// Further lines of the file.
    more: &'a str,
}

const PLAIN: ClusterParts<'static> = ClusterParts {
    title: "A cluster",
    brokers: 1,
    slaves: 0,
    queues: 4,
    producers: 1,
    groups: 1,
    consumers: 2,
    named: |kind, number| format!("{kind}-{number}"),
    more: "",
};

impl ClusterParts<'_> {
    fn cluster(&self, name: &str) -> Cluster {
        let named = |kind: &str, number: usize| quoted(&(self.named)(kind, number));
        let mut text = format!("title = {}\nduration = \"6s\"\nsettle = \"2s\"\n", quoted(self.title));
        text += "[network]\nlatency = \"50ms\"\n";
        let sets: Vec<String> = (0..self.brokers).map(|number| named("broker", number)).collect();
        for (number, set) in sets.iter().enumerate() {
            let slaves: Vec<String> = (0..self.slaves).map(|slave| named("slave", number * 100 + slave)).collect();
            text += &format!("[[brokers]]\nname = {set}\nslaves = [{}]\n", slaves.join(", "));
        }
        let topic = named("topic", 0);
        let queues: Vec<String> = sets.iter().map(|set| format!("{set} = {}", self.queues)).collect();
        text += &format!("[[topics]]\nname = {topic}\nqueues = {{ {} }}\n", queues.join(", "));
        for number in 0..self.producers {
            let name = named("producer", number);
            text += &format!("[[producers]]\nname = {name}\ntopic = {topic}\ninterval = \"300ms\"\n");
        }
        for number in 0..self.groups {
            let (group, consumer) = (named("group", number), named("consumer", number));
            text += &format!("[[groups]]\nname = {group}\ntopic = {topic}\n");
            if self.consumers > 0 {
                text += &format!("[[consumers]]\nname = {consumer}\ngroup = {group}\ncount = {}\n", self.consumers);
                text += "service_time = \"700ms\"\n";
            }
        }
        Cluster { name: name.to_owned(), text: text + self.more }
    }
}

/// A string as TOML writes it.
fn quoted(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04X}", c as u32),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

/// A crash, a cut link and a slow node, each for a while.
const TROUBLE: &str = r#"
[[faults]]
kind = "crash"
node = "broker-0"
at = "2s"
for = "2s"
[[faults]]
kind = "pause"
node = "consumer-0-1"
at = "2s"
for = "2s"
[[faults]]
kind = "partition"
sides = [["producer-0"], ["broker-0"]]
at = "2500ms"
for = "2s"
[[faults]]
kind = "slow"
node = "consumer-0-2"
factor = 3
at = "1s"
"#;

/// All generated clusters.
pub(super) fn all() -> Vec<Cluster> {
    let mut all: Vec<Cluster> =
        (1..=12).map(|groups| ClusterParts { groups, ..PLAIN }.cluster(&format!("{groups} groups"))).collect();
    let long = |kind: &str, number: usize| format!("{kind}-{}-{number}", "x".repeat(88 - kind.len()));
    let scripts = |kind: &str, number: usize| {
        let words = [
            "😀🏳️‍🌈 shop",
            "طلبات",
            "n\u{303}a\u{301}\u{316}\u{489}me",
            "ทดสอบ",
            "\u{202e}desrever\u{2066}",
            "a\u{200b}b",
        ];
        format!("{}{kind}{number}", words[number % words.len()])
    };
    let story = "A title as long as a story. ".repeat(72);
    let strange = "\u{202e}A title\u{0007} with\ta tab,\nanother line,\r\n\u{feff}marks e\u{301}\u{20dd}, 😀 and \u{d55c}\u{ad6d}";
    let parts = [
        ("no groups", ClusterParts { groups: 0, ..PLAIN }),
        ("no consumers", ClusterParts { consumers: 0, ..PLAIN }),
        ("trouble", ClusterParts { more: TROUBLE, consumers: 3, ..PLAIN }),
        ("trouble with slaves", ClusterParts { more: TROUBLE, slaves: 2, queues: 1, consumers: 3, ..PLAIN }),
        ("64 replicas", ClusterParts { slaves: 63, queues: 1, ..PLAIN }),
        ("64 replicas of 8 queues", ClusterParts { slaves: 63, queues: 8, ..PLAIN }),
        ("64 replicas of 40 queues", ClusterParts { slaves: 63, queues: 40, ..PLAIN }),
        ("1000 queues", ClusterParts { queues: 1000, groups: 2, ..PLAIN }),
        ("40 queues", ClusterParts { queues: 40, groups: 3, consumers: 13, ..PLAIN }),
        (
            "200 nodes",
            ClusterParts { brokers: 12, slaves: 1, queues: 2, producers: 50, groups: 4, consumers: 30, ..PLAIN },
        ),
        ("60 consumers", ClusterParts { queues: 60, consumers: 60, ..PLAIN }),
        ("names of 100 characters", ClusterParts { named: long, slaves: 1, groups: 2, producers: 3, ..PLAIN }),
        ("names of every script", ClusterParts { named: scripts, slaves: 2, groups: 4, producers: 6, ..PLAIN }),
        ("an empty title", ClusterParts { title: "", ..PLAIN }),
        ("a title of 2000 characters", ClusterParts { title: &story, ..PLAIN }),
        ("a strange title", ClusterParts { title: strange, ..PLAIN }),
    ];
    all.extend(parts.map(|(name, parts)| parts.cluster(name)));
    all
}
