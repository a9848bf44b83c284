//! Broker sets: `clusterList`, `clusterList -m`, `topicRoute -l`.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::import::cluster::{Queues, Rate};
use crate::import::context::{Context, problem};
use crate::import::format::Rows;
use crate::import::named::PrintedName;
use crate::import::table::{Fields, Header};
use crate::scenario::Problem;

/// Seconds of a day, of which `clusterList -m` counts the messages.
const DAY: u64 = 24 * 60 * 60;

pub(super) fn broker(fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem> {
    let (of, name) = (fields.text("clustername")?, fields.text("brokername")?);
    let id: u64 = fields.number("bid")?;
    let set = context.cluster.set(&PrintedName::whole(name), Some(of));
    set.ids.insert(id);
    set.is_listed = true;
    if id == 0
        && let Some(load) = fields.get("intps(load)")
    {
        set.rate = rate(load.text.split('(').next().unwrap_or_default());
    }
    Ok(())
}

/// `12.34`, or with a decimal comma where the machine's language has one; what is more than that was not printed.
pub(in crate::import) fn rate(decimal: &str) -> Option<Rate> {
    let (whole, part) = decimal.split_once(['.', ',']).unwrap_or((decimal, "0"));
    let digits: String = part.chars().chain("00".chars()).take(2).collect();
    let (whole, hundredths) = (whole.parse::<u64>().ok()?, digits.parse::<u64>().ok()?);
    Some(Rate(whole.saturating_mul(100).saturating_add(hundredths)))
}

/// The number of rows of each set so far: one for each replica, the master's first.
#[derive(Debug, Default)]
pub(super) struct Totals(BTreeMap<String, usize>);

impl Rows for Totals {
    fn row(&mut self, fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem> {
        let (of, name) = (fields.text("clustername")?, fields.text("brokername")?);
        let yesterday: i64 = fields.number("intotalyest")?;
        let rows = self.0.entry(name.to_owned()).or_default();
        *rows += 1;
        let set = context.cluster.set(&PrintedName::whole(name), Some(of));
        set.replicas = set.replicas.max(*rows);
        set.is_listed = true;
        // What `clusterList` shows of this moment counts more than a mean.
        if *rows == 1 && set.rate.is_none() {
            set.rate = Some(Rate(u64::try_from(yesterday).unwrap_or(0).saturating_mul(100) / DAY));
        }
        Ok(())
    }
}

/// `DefaultCluster broker-a {0=10.0.0.1:10911, 1=10.0.0.2:10911} 8 8 6`
#[derive(Debug)]
pub(super) struct RouteRows {
    header: Range<usize>,
    shares: BTreeMap<String, Queues>,
}

impl RouteRows {
    pub(super) fn of(header: &Header) -> Self {
        Self { header: header.place.clone(), shares: BTreeMap::new() }
    }
}

impl Rows for RouteRows {
    fn row(&mut self, fields: &Fields<'_, '_>, context: &mut Context<'_>) -> Result<(), Problem> {
        let name = fields.text("brokername")?;
        let (write, read) = (fields.number("writequeue")?, fields.number("readqueue")?);
        let writable = fields.get("perm").is_none_or(|perm| perm.text.parse().is_ok_and(is_writable));
        let ids = match fields.get("brokeraddrs") {
            Some(cell) => Some(ids(&cell.text).ok_or_else(|| {
                let message = format!("`#BrokerAddrs` is `{}`, expected numbers of brokers", cell.text);
                problem(cell.place.clone(), message, "expected numbers", "paste the row as it was printed")
            })?),
            None => None,
        };
        let of = fields.get("clustername").map(|cell| cell.text.as_ref());
        let set = context.cluster.set(&PrintedName::whole(name), of);
        if let Some(ids) = ids {
            set.ids.extend(ids);
            set.is_listed = true;
        }
        self.shares.insert(name.to_owned(), Queues { write, read, writable });
        Ok(())
    }

    fn end(self: Box<Self>, context: &mut Context<'_>) -> Result<(), Problem> {
        if self.shares.is_empty() {
            return Ok(());
        }
        context.route(self.header, self.shares)
    }
}

/// The numbers in `{0=10.0.0.1:10911, 1=10.0.0.2:10911}`.
fn ids(addresses: &str) -> Option<Vec<u64>> {
    let inner = addresses.trim_matches(['{', '}']);
    let pairs = inner.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=')?.0.parse().ok()).collect()
}

/// Whether producers may write to queues of these permissions: 4 is reading, 2 writing (`PermName`).
pub(in crate::import) const fn is_writable(perm: u32) -> bool {
    perm & 2 != 0
}
