//! From the file to the plan: names become ids, and what the keys mean together is checked.
//!
//! Every part is looked at, whatever is wrong with the others; the plan is there only when all of them are.

mod events;
mod figures;
mod names;
mod nodes;
mod queues;
mod story;

use self::names::DeclaredNames;
use super::file::{File, RETRIES, send_timeout};
use super::reader::ScenarioReader;
use super::written::TomlPlace;
use crate::kernel::Time;
use crate::plan::{Attempts, NetworkPlan, Plan, Timers};

/// Everything that the compilation of one part needs to know of the others.
struct Compiler<'a, 'r, 't> {
    file: &'a File,
    names: &'a DeclaredNames,
    reader: &'r mut ScenarioReader<'t>,
    /// When producers stop; nothing where the file does not say.
    stop: Option<Time>,
    /// The latest moment of a run.
    end: Option<Time>,
}

/// The plan of a file; nothing where a problem was reported.
pub(super) fn compile(file: &File, scenario: &str, reader: &mut ScenarioReader<'_>) -> Option<Plan> {
    if let Some((list, place)) = file.nameservers.placed()
        && list.is_empty()
    {
        let help = "leave it out: then there is one, named `nameserver`".to_owned();
        reader.report(place, "`nameservers` is empty, expected at least one", "expected one", Some(help));
    }
    let names = DeclaredNames::gather(file, reader);
    let stop = file.duration.get().map(|duration| Time::ZERO + duration.0);
    let end = stop.zip(file.settle.get()).map(|(stop, settle)| stop + settle);
    let mut compiler = Compiler { file, names: &names, reader, stop, end };
    let nodes = compiler.nodes();
    let known = nodes.as_deref().unwrap_or(&[]);
    let (sets, groups) = (compiler.sets(known), compiler.groups(known));
    let topics = compiler.topics(groups.as_deref().unwrap_or(&[]));
    let (faults, changes) = (compiler.faults(), compiler.changes());
    let (expectations, notes, questions) = (compiler.expectations(), compiler.notes(), compiler.questions());
    let network = network(file);
    let timers = timers(file);
    Some(Plan {
        scenario: scenario.to_owned(),
        title: file.title.value.clone()?,
        summary: file.summary.value.clone().unwrap_or_default(),
        seed: file.seed.get()?,
        duration: file.duration.get()?.0,
        settle: file.settle.get()?,
        network: network?,
        timers: timers?,
        nodes: nodes?.into(),
        sets: sets?.into(),
        topics: topics?.into(),
        queues: names.queue_plans.into(),
        groups: groups?.into(),
        publishing: Attempts { timeout: send_timeout(reader.profile).0, retries: RETRIES.0 },
        faults: faults?.into(),
        changes: changes?.into(),
        expectations: expectations?,
        notes: notes?,
        questions: questions?,
    })
}

fn network(file: &File) -> Option<NetworkPlan> {
    let network = file.network.value.as_ref()?;
    Some(NetworkPlan { latency: network.latency.get()?, loss: network.loss.get()?.0 })
}

fn timers(file: &File) -> Option<Timers> {
    let timers = file.timers.value.as_ref()?;
    Some(Timers {
        heartbeat: timers.heartbeat.get()?.0,
        expire: timers.expire.get()?.0,
        scan: timers.scan.get()?.0,
        route_refresh: timers.route_refresh.get()?,
        rebalance: timers.rebalance.get()?.0,
        long_poll: timers.long_poll.get()?.0,
        commit: timers.commit.get()?,
        offset_sync: timers.offset_sync.get()?,
        call: timers.call.get()?.0,
    })
}

/// All of them, where each is there. Each is looked at, so that each can report.
fn all<T>(items: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let looked_at: Vec<Option<T>> = items.collect();
    looked_at.into_iter().collect()
}

impl Compiler<'_, '_, '_> {
    /// A problem whose message says it all.
    fn report(&mut self, place: TomlPlace, message: impl Into<String>, label: &str, help: Option<&str>) {
        self.reader.report(place, message, label, help.map(str::to_owned));
    }

    /// Whether a time is early enough: before `limit`, or at it where that counts too. Else it is reported.
    fn in_time(
        &mut self,
        key: &str,
        at: Time,
        place: TomlPlace,
        limit: Option<Time>,
        inclusive: bool,
        what: &str,
    ) -> bool {
        let Some(limit) = limit else { return true };
        let fits = at < limit || (inclusive && at == limit);
        if !fits {
            let (at, last) = (at.since(Time::ZERO), limit.since(Time::ZERO));
            let before = if inclusive { "at most" } else { "a time before" };
            let message = format!("`{key}` is {at}, expected {before} {last}, {what}");
            self.report(place, message, "too late", None);
        }
        fits
    }
}
