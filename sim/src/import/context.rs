//! The context that all readers of outputs share: the cluster that they add to, what the output is about, and how they
//! report a problem. It knows no output.

use std::collections::BTreeMap;
use std::ops::Range;

use super::about::About;
use super::cluster::{KnownCluster, Queues};
use super::connection::Connection;
use super::named::PrintedName;
use super::passage::Notes;
use super::retry::RetryTopics;
use crate::scenario::Problem;

/// The cluster that an output adds to, and what lines above it say about it.
#[derive(Debug)]
pub(super) struct Context<'c> {
    pub(super) cluster: &'c mut KnownCluster,
    pub(super) about: About,
    pub(super) notes: Notes,
    /// The consumers of a group whose topics come next.
    pub(super) connection: Option<Connection>,
    /// The topic whose queues were printed last.
    pub(super) status: Option<PrintedName>,
}

impl Context<'_> {
    /// The shares of a route, once it is known whose they are.
    pub(super) fn route(&mut self, place: Range<usize>, shares: BTreeMap<String, Queues>) -> Result<(), Problem> {
        let subject = self
            .about
            .topic()
            .ok_or_else(|| subject_missing(place, "this is a route", "topic", "topicRoute -t TOPIC"))?;
        for set in shares.keys() {
            self.cluster.sets.entry(&PrintedName::whole(set.clone()));
        }
        let topic = self.cluster.topics.entry(&PrintedName::whole(subject.name));
        topic.is_named_by_file |= subject.is_of_the_file;
        topic.route.extend(shares);
        Ok(())
    }

    /// The group of an output that reads these topics: the one of the command line, that of the topics of retries in it, or
    /// that of the file's name. Nothing where none of them says it.
    pub(super) fn group_of<'t>(
        &mut self,
        retries: &RetryTopics,
        topics: impl Iterator<Item = &'t str>,
    ) -> Option<PrintedName> {
        if let Some(from_command) = self.about.group.take() {
            return Some(PrintedName::whole(from_command));
        }
        let possible = retries.groups(topics);
        let named = possible.iter().find(|group| self.about.is_named_after(&group.name));
        if let Some(named) = named.or(possible.first()) {
            if possible.len() > 1 && !self.about.is_named_after(&named.name) {
                let other = &possible[1].name;
                let remark =
                    format!("or `{other}`, if its consumers pop: the name of its topic of retries says no more");
                self.cluster.groups.entry(named).remarks.insert(remark);
            }
            return Some(named.clone());
        }
        let file = PrintedName::whole(self.about.file()?.name);
        self.cluster.groups.entry(&file).is_named_by_file = true;
        Some(file)
    }
}

/// A problem with its remedy.
pub(super) fn problem(place: Range<usize>, message: impl Into<String>, label: &str, help: &str) -> Problem {
    Problem { place, message: message.into(), label: label.to_owned(), help: Some(help.to_owned()) }
}

/// The problem of an output that does not print what it is about, where nothing else says it.
pub(super) fn subject_missing(place: Range<usize>, what: &str, about: &str, command: &str) -> Problem {
    let message = format!("{what}, and it is not said of which {about}");
    let help = format!(
        "keep the line `mqadmin {command}` above it, or give each {about} a file named after it: the output does not say it"
    );
    problem(place, message, &format!("of which {about}?"), &help)
}
