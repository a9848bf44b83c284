//! Whatever a scenario can have many of: each as a small number and as a large one, at the same load for each event.
//!
//! What belongs to the beginning of a run, where everybody finds each other, is left out where it says from when on is
//! measured; so is the reading of the file.

use std::fmt::Write as _;
use std::sync::Arc;

use queuescope::plan::Plan;

use crate::measure::MeasuredSide;
use crate::model;

/// Something of which a scenario can have many.
pub(crate) struct Many {
    pub(crate) what: &'static str,
    /// As few, and as many.
    numbers: [u32; 2],
    /// The scenario with so many.
    text: fn(u32) -> String,
    /// From this second on is measured.
    from: f64,
    /// Whether all of them are in use at once: ten times as many no longer lie in the processor's cache, and what that
    /// costs is the machine's. What they cost the program itself is what the count of instructions is for.
    in_use: bool,
}

impl Many {
    /// As few, and as many; a tenth of both where it need only work.
    pub(crate) fn numbers(&self, quick: bool) -> [u32; 2] {
        self.numbers.map(|number| if quick { number.div_ceil(10) } else { number })
    }

    fn plan(&self, number: u32) -> Arc<Plan> {
        model::read(&(self.text)(number))
    }

    /// By how much an event may cost more.
    pub(crate) const fn target(&self) -> f64 {
        if self.in_use { 2.5 } else { 1.5 }
    }
}

const fn many(what: &'static str, numbers: [u32; 2], from: f64, text: fn(u32) -> String) -> Many {
    Many { what, numbers, text, from, in_use: false }
}

const fn in_use(what: &'static str, numbers: [u32; 2], from: f64, text: fn(u32) -> String) -> Many {
    Many { in_use: true, ..many(what, numbers, from, text) }
}

const COUNTED: [u32; 2] = [10_000, 1_000_000];
const THREADS: [u32; 2] = [1_000, 100_000];
const LISTED: [u32; 2] = [1_000, 10_000];
const NODES: [u32; 2] = [300, 3_000];

/// Everything, from the schema: messages and what becomes of them, threads, nodes and queues, lists of the file.
pub(crate) const ALL: [Many; 35] = [
    many("messages kept for their age", COUNTED, 0.0, |n| {
        scenario(n, "retention = \"1h\"", &paced(), "", "threads = 8")
    }),
    many("messages deleted by age", COUNTED, 0.0, |n| scenario(n, "retention = \"1s\"", &paced(), "", "threads = 8")),
    many("messages that nobody reads", COUNTED, 0.0, |n| {
        scenario(n, "", &paced(), "", "").replace("[[consumers]]\nname = \"c\"\ngroup = \"g\"\n", "")
    }),
    many("messages behind which a group is", COUNTED, 0.0, |n| {
        scenario(n, "", &paced(), "", "threads = 4\nservice_time = \"8ms\"")
    }),
    many("messages without a route", COUNTED, 0.0, |n| {
        scenario(n, "", &(paced() + "\nsend_timeout = \"1h\""), "", "")
            + "[[faults]]\nat = \"0s\"\nkind = \"crash\"\nnode = \"b\"\n"
    }),
    many("messages of a burst", COUNTED, 0.0, |n| {
        settled(20_000, "", &format!("bursts = [{{ at = \"2s\", count = {n} }}]"), "", "threads = 8")
    }),
    many("messages that wait to be stored", COUNTED, 0.0, |n| {
        settled(
            20_000,
            "",
            &format!("bursts = [{{ at = \"2s\", count = {n} }}]\nsend_timeout = \"1h\""),
            "",
            "threads = 8",
        )
        .replace("name = \"b\"\n", "name = \"b\"\nstore_time = \"10us\"\nstore_limit = 100000000\n")
    }),
    many("messages not copied yet", COUNTED, 0.0, |n| {
        scenario(n, "", &paced(), "", "threads = 8")
            .replace("name = \"b\"\n", "name = \"b\"\nslaves = [\"s\"]\nreplication_delay = \"1h\"\n")
    }),
    many("messages not flushed yet", COUNTED, 0.0, |n| {
        scenario(n, "", &paced(), "", "threads = 8")
            .replace("name = \"b\"\n", "name = \"b\"\nflush = \"async\"\nflush_interval = \"1h\"\n")
    }),
    many("messages that wait to come again", [10_000, 300_000], 0.0, |n| {
        scenario(n, "", &paced(), "max_retries = 1000000\nretry_delay = \"1h\"", "threads = 8\nfailure_rate = 0.9")
    }),
    many("dead letters", COUNTED, 0.0, |n| {
        scenario(n, "", &paced(), "max_retries = 0", "threads = 8\nfailure_rate = 0.9")
    }),
    many("messages done once, and remembered", COUNTED, 0.0, |n| {
        scenario(n, "", &paced(), "deduplicate = true", "threads = 8")
    }),
    many("keys", [1_000, 1_000_000], 0.0, |n| {
        scenario(200_000, "", &format!("{}\nkeys = {n}", paced()), "", "threads = 8")
    }),
    many("calls that wait for a worker", COUNTED, 0.0, |n| {
        format!("title = \"many\"\nduration = \"{}s\"\n", seconds(n))
            + "[[producers]]\nname = \"p\"\ncalls = \"db\"\ninterval = \"500us\"\nsend_timeout = \"1h\"\n\
               [[services]]\nname = \"db\"\nqueue_limit = 100000000\nservice_time = \"1ms\"\n"
    }),
    many("threads at work", THREADS, 0.0, |n| {
        let busy = format!("threads = {n}\nservice_time = \"{}s\"", f64::from(n) * 0.0005);
        scenario(n * 2, "", &paced(), "", &busy)
    }),
    many("threads that await a service, and its workers", THREADS, 0.0, |n| {
        let service = format!("workers = {n}\nqueue_limit = 1000000\nservice_time = \"{}s\"\n", f64::from(n) * 0.0005);
        scenario(n * 2, "", &paced(), "", &format!("threads = {n}\ncalls = \"db\"\ncall_timeout = \"1h\""))
            + "[[services]]\nname = \"db\"\n"
            + &service
    }),
    in_use("queues of one consumer", LISTED, 2.0, |n| queues(n, "", "", "threads = 8")),
    in_use("queues to choose from at random", LISTED, 2.0, |n| queues(n, "select = \"random\"", "", "threads = 8")),
    in_use("queues in order", LISTED, 2.0, |n| queues(n, "", "ordered = true", "threads = 64\nservice_time = \"1ms\"")),
    in_use("queues on a network that loses", LISTED, 2.0, |n| {
        queues(n, "", "", "threads = 8").replacen("[[brokers]]", "[network]\nloss = 0.02\n[[brokers]]", 1)
    }),
    in_use("producers", [900, 9_000], 2.0, |n| {
        scenario(12_000, "", &format!("interval = \"1s\"\ncount = {n}"), "", "threads = 8")
    }),
    in_use("groups, each with a consumer", NODES, 3.0, |n| {
        let of = |n: u32| {
            format!("[[groups]]\nname = \"g{n}\"\ntopic = \"t\"\n[[consumers]]\nname = \"c{n}\"\ngroup = \"g{n}\"\n")
        };
        scenario(12_000, "", "interval = \"50ms\"", "", "") + &list(n, of)
    }),
    in_use("topics, each with a producer, a group and a consumer", [150, 1_500], 3.0, |n| {
        let of = |n: u32| {
            format!(
                "[[topics]]\nname = \"t{n}\"\nqueues = {{ b = 1 }}\n[[producers]]\nname = \"p{n}\"\ntopic = \"t{n}\"\n\
                 interval = \"100ms\"\n[[groups]]\nname = \"g{n}\"\ntopic = \"t{n}\"\n[[consumers]]\nname = \"c{n}\"\n\
                 group = \"g{n}\"\n"
            )
        };
        scenario(12_000, "", "interval = \"50ms\"", "", "") + &list(n, of)
    }),
    in_use("consumers of one group", NODES, 0.0, |n| of_one_group(n, "averagely")),
    in_use("consumers of one group, by a ring of hashes", NODES, 0.0, |n| of_one_group(n, "consistent_hash")),
    in_use("services, each with who calls it", NODES, 1.0, |n| {
        let of = |n: u32| {
            format!(
                "[[services]]\nname = \"s{n}\"\n[[producers]]\nname = \"p{n}\"\ncalls = \"s{n}\"\ninterval = \"100ms\"\n"
            )
        };
        format!("title = \"many\"\nduration = \"4s\"\n{}", list(n, of))
    }),
    in_use("broker sets", NODES, 4.0, |n| {
        let sets = list(n, |n| format!("[[brokers]]\nname = \"b{n}\"\n"));
        let holds = list(n, |n| format!(", b{n} = 1"));
        scenario(16_000, "", "interval = \"200us\"", "", "threads = 8").replace("b = 8 }", &format!("b = 8{holds} }}"))
            + &sets
    }),
    in_use("expectations of spans that overlap", LISTED, 0.0, |n| {
        let of = |i: u32| {
            let from = f64::from(i) * 35.0 / f64::from(n);
            let metric = ["max_lag", "done", "latency_p99", "out_of_order"][i as usize % 4];
            let most = if metric == "latency_p99" { "\"1h\"" } else { "1000000000" };
            format!(
                "[[expect]]\nmetric = \"{metric}\"\nat_most = {most}\nfrom = \"{from:.6}s\"\nto = \"{:.6}s\"\n",
                from + 4.0
            )
        };
        scenario(80_000, "", &paced(), "", "threads = 8") + &list(n, of)
    }),
    many("bursts", LISTED, 0.0, |n| {
        let bursts = list(n, |i| format!("{{ at = \"{:.6}s\", count = 10 }}, ", f64::from(i) * 9.9 / f64::from(n)));
        scenario(20_000, "", &format!("bursts = [{bursts}]"), "", "threads = 8")
    }),
    many("changes", LISTED, 0.0, |n| {
        let of = |i: u32| {
            let (at, to) = (f64::from(i) * 9.9 / f64::from(n), 1 + i % 8);
            format!("[[changes]]\nat = \"{at:.6}s\"\nnode = \"c\"\nset = \"threads\"\nto = {to}\n")
        };
        scenario(20_000, "", "interval = \"100us\"", "", "threads = 8") + &list(n, of)
    }),
    many("faults of nodes, one after the other", LISTED, 0.0, |n| disturbed(n, 0.5, &OF_NODES)),
    many("faults of nodes, one over the other", LISTED, 0.0, |n| disturbed(n, 300.0, &WITHOUT_EFFECT)),
    many("pauses of a node, one over the other", LISTED, 0.0, |n| {
        disturbed(n, 3.0, &["kind = \"pause\"\nnode = \"c\""])
    }),
    many("faults of a link, one after the other", LISTED, 0.0, |n| disturbed(n, 0.5, &[OF_A_LINK])),
    many("faults of a link, one over the other", LISTED, 0.0, |n| disturbed(n, 300.0, &[OF_A_LINK])),
];

/// So long a run sends so many messages at the usual pace.
fn seconds(messages: u32) -> f64 {
    f64::from(messages) * 0.0005
}

/// The usual pace, however many.
fn paced() -> String {
    "interval = \"500us\"".to_owned()
}

/// One broker, topic, producer, group and consumer, for as long as so many messages take at the usual pace.
fn scenario(messages: u32, topic: &str, producer: &str, group: &str, consumer: &str) -> String {
    format!(
        "title = \"many\"\nduration = \"{}s\"\n[[brokers]]\nname = \"b\"\n[[topics]]\nname = \"t\"\nqueues = {{ b = 8 }}\n\
         {topic}\n[[producers]]\nname = \"p\"\ntopic = \"t\"\n{producer}\n[[groups]]\nname = \"g\"\ntopic = \"t\"\n{group}\n\
         [[consumers]]\nname = \"c\"\ngroup = \"g\"\n{consumer}\n",
        seconds(messages)
    )
}

/// The same, and all that is left is drained.
fn settled(messages: u32, topic: &str, producer: &str, group: &str, consumer: &str) -> String {
    scenario(messages, topic, producer, group, consumer).replacen("[[brokers]]", "settle = \"10h\"\n[[brokers]]", 1)
}

/// One consumer with many queues.
fn queues(n: u32, producer: &str, group: &str, consumer: &str) -> String {
    scenario(20_000, "", &format!("interval = \"50us\"\n{producer}"), group, consumer)
        .replace("b = 8", &format!("b = {n}"))
}

/// A group with as many consumers as queues.
fn of_one_group(n: u32, assignment: &str) -> String {
    let consumers = format!("count = {n}\nthreads = 8");
    scenario(8_000, "", "interval = \"100ms\"", &format!("assignment = \"{assignment}\""), &consumers)
        .replace("b = 8", &format!("b = {n}"))
}

const OF_A_LINK: &str = "kind = \"link\"\nbetween = [\"p\", \"b\"]\nlatency = \"2ms\"";

/// One of each kind of which no message is lost.
const OF_NODES: [&str; 4] = [
    "kind = \"pause\"\nnode = \"c\"",
    "kind = \"slow\"\nnode = \"c\"\nfactor = 2.0",
    "kind = \"disk_full\"\nnode = \"b\"",
    "kind = \"partition\"\nsides = [[\"p\"], [\"b\"]]",
];

/// Those that can last all the time without anybody's work coming to an end.
const WITHOUT_EFFECT: [&str; 2] =
    ["kind = \"slow\"\nnode = \"c\"\nfactor = 1.0", "kind = \"partition\"\nsides = [[\"p\"], [\"c\"]]"];

/// A run with so many faults of these kinds in turn, each lasting so many times as long as it is from one to the next.
fn disturbed(n: u32, lasts: f64, kinds: &[&str]) -> String {
    let step = 9.0 / f64::from(n);
    let faults = list(n, |i| {
        let (at, lasts) = (f64::from(i) * step, (step * lasts).min(0.9));
        let kind = kinds[i as usize % kinds.len()];
        format!("[[faults]]\nat = \"{at:.6}s\"\nfor = \"{lasts:.6}s\"\n{kind}\n")
    });
    scenario(20_000, "", "interval = \"100us\"", "", "threads = 8") + &faults
}

/// So many entries, numbered from 0.
fn list(n: u32, entry: impl Fn(u32) -> String) -> String {
    (0..n).fold(String::new(), |mut text, i| {
        _ = write!(text, "{}", entry(i));
        text
    })
}

/// A whole run with so many, from where it is measured.
pub(crate) fn side(many: &Many, number: u32) -> MeasuredSide<'static> {
    model::rest_of(many.plan(number), many.from)
}

/// The same run, once, without a look at the clock; how many events are measured.
pub(crate) fn run_once(many: &Many, number: u32) -> u64 {
    let (mut world, mut observer) = model::begun(&many.plan(number), many.from);
    model::measured(&mut world, &mut observer)
}
