//! The settings of a broker: what `mqadmin getBrokerConfig` prints, and a file like `broker.conf`. A line is a key, a sign and a
//! value. From `BrokerConfig`, `BrokerIdentity` and `MessageStoreConfig` of `apache/rocketmq`, 4.0 to 5.3.

use std::collections::BTreeMap;
use std::ops::Range;

use super::cluster::{KnownFlush, KnownReplication};
use super::context::{Context, problem};
use super::named::PrintedName;
use crate::scenario::Problem;

/// Keys that tell the settings of a broker from others.
const KEYS: &[&str] =
    &["brokerName", "brokerClusterName", "brokerRole", "flushDiskType", "brokerIP1", "inSyncReplicas"];

/// Keys of a broker of which there is one in each file: another one begins another file.
const IDENTITY: &[&str] = &["brokerName", "brokerId", "brokerRole", "brokerClusterName"];

/// Settings as they are read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct BrokerSettings {
    place: Range<usize>,
    values: BTreeMap<String, String>,
}

/// A line of settings: `brokerRole = SYNC_MASTER`, `flushDiskType=ASYNC_FLUSH`. Nothing where it is none.
pub(super) fn setting(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    let is_key = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    (is_key && !value.starts_with('=')).then_some((key, value))
}

/// `============Master: 10.0.0.1:10911============`: whose settings come next.
pub(super) fn is_banner(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("====") && line.ends_with("====") && line.contains(|c| c != '=')
}

impl BrokerSettings {
    pub(super) const fn new(place: Range<usize>) -> Self {
        Self { place, values: BTreeMap::new() }
    }

    /// Whether a key begins the settings of another broker.
    pub(super) fn begins_another(&self, key: &str) -> bool {
        IDENTITY.contains(&key) && self.values.contains_key(key)
    }

    pub(super) fn set(&mut self, key: &str, value: impl Into<String>) {
        self.values.insert(key.to_owned(), value.into());
    }

    pub(super) fn extend(&mut self, place: Range<usize>) {
        self.place.end = self.place.end.max(place.end);
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// All of them were read.
    ///
    /// # Errors
    /// They are of no broker, or it is not said of which.
    pub(super) fn end(self, context: &mut Context<'_>) -> Result<(), Problem> {
        if self.values.is_empty() {
            return Ok(());
        }
        if !KEYS.iter().any(|key| self.values.contains_key(*key)) || self.values.contains_key("groupName") {
            let help = "known are the settings of a broker: `mqadmin getBrokerConfig -b ADDRESS`, or its `broker.conf`";
            return Err(problem(self.place, "these are settings, and not those of a broker", "of what?", help));
        }
        let is_known_name = |name: &&str| !name.contains(['$', '{', '<']);
        let (name, is_of_the_file) = match self.get("brokerName").filter(is_known_name) {
            Some(name) => (name.to_owned(), false),
            None => {
                let file = context.about.file().ok_or_else(|| {
                    let help =
                        "add `brokerName`, or give the file its name: a broker without one bears that of its host";
                    problem(self.place.clone(), "these are the settings of a broker without a name", "of which?", help)
                })?;
                (file.name, true)
            }
        };
        let set = context.cluster.set(&PrintedName::whole(name), self.get("brokerClusterName"));
        if is_of_the_file {
            set.remarks.insert("named after the file: there is no `brokerName` in it".to_owned());
        }
        let role = self.get("brokerRole");
        // A broker without a number is a master.
        let id = self.get("brokerId").and_then(|id| id.parse::<u64>().ok());
        let is_slave = role == Some("SLAVE") || id.is_some_and(|id| id > 0);
        set.ids.insert(id.unwrap_or(u64::from(is_slave)));
        if is_slave {
            return Ok(());
        }
        set.replication = match role {
            Some("SYNC_MASTER") => Some(KnownReplication::Sync),
            Some("ASYNC_MASTER") => Some(KnownReplication::Async),
            _ => set.replication,
        };
        set.flush = match self.get("flushDiskType") {
            Some("SYNC_FLUSH") => Some(KnownFlush::Sync),
            Some("ASYNC_FLUSH") => Some(KnownFlush::Async),
            _ => set.flush,
        };
        set.remarks.extend(self.remarks(role));
        // `n0-10.0.0.1:40911;n1-10.0.0.2:40911;…`: all of them, this one among them.
        if let Some(peers) = self.get("dLegerPeers").filter(|_| self.is_dledger()) {
            set.replicas = set.replicas.max(peers.split(';').filter(|peer| !peer.trim().is_empty()).count());
            set.is_listed = true;
            set.replication = Some(KnownReplication::Sync);
        }
        Ok(())
    }

    fn is_dledger(&self) -> bool {
        self.get("enableDLegerCommitLog") == Some("true")
    }

    /// Comments on settings that have no equivalent in a scenario.
    fn remarks(&self, role: Option<&str>) -> Vec<String> {
        let mut remarks = Vec::new();
        match (role, self.get("inSyncReplicas")) {
            (Some("SYNC_MASTER"), Some("1")) => remarks.push(
                "SYNC_MASTER with inSyncReplicas = 1 in life: since 5.0 it waits for no slave, here it waits for each"
                    .to_owned(),
            ),
            (Some("SYNC_MASTER"), Some(count)) => {
                remarks.push(format!("inSyncReplicas = {count} in life: here it waits for each slave that is alive"));
            }
            _ => {}
        }
        if self.is_dledger() {
            remarks.push("enableDLegerCommitLog in life: a majority acknowledges, and elects".to_owned());
        }
        if self.get("allAckInSyncStateSet") == Some("true") {
            remarks.push("allAckInSyncStateSet in life: it waits for each slave that is in sync".to_owned());
        }
        remarks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_told_from_other_lines() {
        assert_eq!(setting("brokerRole   =  SYNC_MASTER"), Some(("brokerRole", "SYNC_MASTER")));
        assert_eq!(setting("flushDiskType=ASYNC_FLUSH"), Some(("flushDiskType", "ASYNC_FLUSH")));
        assert_eq!(setting("groupRetryPolicy  =  P{type=C, x=null}"), Some(("groupRetryPolicy", "P{type=C, x=null}")));
        assert_eq!(setting("namesrvAddr="), Some(("namesrvAddr", "")));
        for none in ["a b = c", "orders", "= x", "a == b", "{0=10.0.0.1:1}", "#brokerId=0"] {
            assert_eq!(setting(none), None, "{none}");
        }
        assert!(is_banner("============10.0.0.1:10911============") && !is_banner("=========="));
        assert!(is_banner("============My Master: a:1=====Slave: b:2============"));
    }
}
