//! Topics of retries, and the group that one of them is of.
//!
//! RocketMQ names them in `MixAll.getRetryTopic` and, for consumers that pop, in `KeyBuilder` of the module `common` (5.0 to
//! 5.3): `%RETRY%group`, `%RETRY%group_topic` (`buildPopRetryTopicV1`) and `%RETRY%group+topic` (`buildPopRetryTopicV2`).

use std::collections::BTreeSet;

use super::named::PrintedName;

/// The beginning of the name of a topic of retries.
pub(super) const RETRY: &str = "%RETRY%";

/// The sign between group and topic that no name has in it (5.2 and later).
const PARTING: char = '+';

/// Topics of retries that are looked at: a group has one for itself, and one for each topic that it pops.
const MOST: usize = 100;

/// The topics of retries in one output, which are all of one group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct RetryTopics(Vec<PrintedName>);

impl RetryTopics {
    /// Another topic of the output. Whether it is one of retries.
    pub(super) fn add(&mut self, topic: &PrintedName) -> bool {
        let Some(rest) = topic.name.strip_prefix(RETRY) else { return false };
        let rest = PrintedName { name: rest.to_owned(), cut: topic.cut };
        if !rest.name.is_empty() && self.0.len() < MOST && !self.0.contains(&rest) {
            self.0.push(rest);
        }
        true
    }

    /// The groups that it can be, given the topics that it reads; the most probable one first.
    pub(super) fn groups<'t>(&self, topics: impl Iterator<Item = &'t str>) -> Vec<PrintedName> {
        let topics: Vec<&str> = topics.collect();
        let mut possible: Option<Vec<PrintedName>> = None;
        for retry in &self.0 {
            let these = groups_of(retry, &topics);
            possible = Some(match possible {
                None => these,
                Some(before) => {
                    let names: BTreeSet<&str> = these.iter().map(|group| group.name.as_str()).collect();
                    let both: Vec<PrintedName> =
                        before.iter().filter(|it| names.contains(it.name.as_str())).cloned().collect();
                    // With topics of several groups, which no version prints, the first one counts.
                    if both.is_empty() { before } else { both }
                }
            });
        }
        possible.unwrap_or_default()
    }
}

/// The groups that a topic of retries can be of.
fn groups_of(retry: &PrintedName, topics: &[&str]) -> Vec<PrintedName> {
    if let Some((group, _)) = retry.name.split_once(PARTING) {
        return vec![PrintedName::whole(group)];
    }
    let popped = topics.iter().filter_map(|topic| retry.name.strip_suffix(topic)?.strip_suffix('_'));
    let popped = popped.filter(|group| !group.is_empty()).map(PrintedName::whole);
    std::iter::once(retry.clone()).chain(popped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(retries: &[&str], topics: &[&str]) -> Vec<String> {
        let mut found = RetryTopics::default();
        for topic in retries {
            assert!(found.add(&PrintedName::whole(*topic)), "{topic}");
        }
        found.groups(topics.iter().copied()).into_iter().map(|group| group.name).collect()
    }

    #[test]
    fn the_group_is_told_from_the_topic_that_it_pops() {
        assert_eq!(groups(&["%RETRY%Pay"], &["Orders"]), ["Pay"]);
        assert_eq!(groups(&["%RETRY%Pay+Orders"], &["Orders"]), ["Pay"]);
        assert_eq!(groups(&["%RETRY%Pay", "%RETRY%Pay_Orders"], &["Orders"]), ["Pay"]);
        assert_eq!(groups(&["%RETRY%Pay_Orders", "%RETRY%Pay"], &["Orders"]), ["Pay"]);
        assert_eq!(groups(&["%RETRY%Pay_a", "%RETRY%Pay_b"], &["a", "b"]), ["Pay"]);
        // One alone may be of either.
        assert_eq!(groups(&["%RETRY%Pay_Orders"], &["Orders"]), ["Pay_Orders", "Pay"]);
        assert_eq!(groups(&["%RETRY%Pay_Orders"], &["Refunds"]), ["Pay_Orders"]);
        assert_eq!(groups(&[], &["Orders"]), [""; 0]);
        assert!(!RetryTopics::default().add(&PrintedName::whole("Orders")));
    }
}
