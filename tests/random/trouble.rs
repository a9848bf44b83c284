//! What breaks in a random cluster, and what is changed in it.

use proptest::prelude::*;

use super::{distribution, gap};

/// What may break.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// Nothing.
    None,
    /// Nodes are slow, do nothing, are cut off, badly connected, or have no room on disk, for a time.
    Late,
    /// Nodes crash and come back, some with an empty disk; also all that is late.
    Heals,
    /// Nodes crash, some for good; also all that is late, some of it for good.
    Crashes,
}

/// Something that breaks: whom it hits is a number that the cluster makes a node of.
#[derive(Clone, Debug)]
pub(super) struct RandomFault {
    pub(super) victim: usize,
    /// Thousandths of the duration; so too how long it lasts.
    pub(super) at: u64,
    pub(super) lasts: Option<u64>,
    pub(super) what: Breakage,
}

#[derive(Clone, Debug)]
pub(super) enum Breakage {
    Slow(u32),
    Pause,
    Crash(&'static str),
    /// Each node's side, by its place among all: none, the first, the second.
    Partition(Vec<u8>, bool),
    /// To whom, and which keys.
    Link(usize, String),
    DiskFull,
    Wipe,
}

pub(super) fn faults(trouble: Trouble) -> BoxedStrategy<Vec<RandomFault>> {
    if trouble == Trouble::None {
        return Just(Vec::new()).boxed();
    }
    let lasts = (0..2_000_u64).prop_map(Some);
    let late = prop_oneof![(2..30_u32).prop_map(Breakage::Slow), Just(Breakage::Pause)];
    let sides = prop::collection::vec(0..3_u8, 4..24);
    let latency = || distribution(400).prop_map(|latency| format!("latency = {latency}"));
    let loss = || (0..=10_u32).prop_map(|tenths| format!("loss = {}", f64::from(tenths) / 10.0));
    let link = prop_oneof![latency(), loss(), (latency(), loss()).prop_map(|(one, other)| format!("{one}\n{other}"))];
    let apart = prop_oneof![
        (sides, any::<bool>()).prop_map(|(sides, one_way)| Breakage::Partition(sides, one_way)),
        (any::<usize>(), link).prop_map(|(other, keys)| Breakage::Link(other, keys)),
        Just(Breakage::DiskFull),
    ]
    .boxed();
    let crash = prop_oneof![
        3 => prop::sample::select(vec!["host", "process"]).prop_map(Breakage::Crash),
        1 => Just(Breakage::Wipe),
    ]
    .boxed();
    let (share, for_good) = match trouble {
        Trouble::None | Trouble::Late => (0, 0),
        Trouble::Heals => (3, 0),
        Trouble::Crashes => (3, 1),
    };
    let soon = 0..1_000_u64;
    let late = (any::<usize>(), soon.clone(), lasts.clone(), late);
    let back = (any::<usize>(), soon.clone(), lasts.clone(), crash.clone());
    let again = (any::<usize>(), soon.clone(), lasts, apart.clone());
    let gone = (any::<usize>(), soon, Just(None), prop_oneof![2 => crash, 1 => apart]);
    let mut kinds = vec![(2, late.boxed()), (2, again.boxed())];
    if share > 0 {
        kinds.push((share, back.boxed()));
    }
    if for_good > 0 {
        kinds.push((for_good, gone.boxed()));
    }
    let fault = proptest::strategy::Union::new_weighted(kinds);
    let fault = fault.prop_map(|(victim, at, lasts, what)| RandomFault { victim, at, lasts, what });
    prop::collection::vec(fault, 0..=5).boxed()
}

/// A setting that is changed: of which sort of node, and to what.
#[derive(Clone, Debug)]
pub(super) struct RandomChange {
    pub(super) victim: usize,
    /// Thousandths of the duration.
    pub(super) at: u64,
    pub(super) of: ChangedNode,
    pub(super) set: &'static str,
    pub(super) to: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ChangedNode {
    Broker,
    Producer,
    Consumer,
    Service,
}

pub(super) fn changes(slow_disks: bool) -> BoxedStrategy<Vec<RandomChange>> {
    let percent = || (0..60_u32).prop_map(|percent| format!("{}", f64::from(percent) / 100.0)).boxed();
    let number = |to: u32| (1..=to).prop_map(|n| n.to_string()).boxed();
    let mut settings = vec![
        (ChangedNode::Producer, "interval", gap(5, 90)),
        (ChangedNode::Consumer, "service_time", distribution(20)),
        (ChangedNode::Consumer, "threads", number(4)),
        (ChangedNode::Consumer, "failure_rate", percent()),
        (ChangedNode::Service, "service_time", distribution(15)),
        (ChangedNode::Service, "workers", number(4)),
        (ChangedNode::Service, "queue_limit", number(50)),
        (ChangedNode::Broker, "store_limit", number(500)),
    ];
    if slow_disks {
        settings.push((ChangedNode::Broker, "store_time", distribution(3)));
    }
    let of_setting = settings.into_iter().map(move |(of, set, to)| {
        (any::<usize>(), 0..1_000_u64, to).prop_map(move |(victim, at, to)| RandomChange { victim, at, of, set, to })
    });
    let change = proptest::strategy::Union::new(of_setting.map(Strategy::boxed));
    prop::collection::vec(change, 0..=3).boxed()
}
