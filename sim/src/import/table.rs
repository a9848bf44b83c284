//! The tables that `mqadmin` prints: a header, and a row a line. Which columns there are is read from the header, since
//! they differ between versions; a row is read as words, since values wider than their column push the others aside.

use std::collections::BTreeMap;
use std::ops::Range;
use std::str::FromStr;

use super::cluster::{Cluster, Printed, Queues, Rate};
use super::reading::{About, problem};
use super::reserved::RETRY;
use crate::scenario::Problem;

/// The widths after which `topicList -c` cuts names.
const CUT_IN_LIST: [usize; 2] = [48, 64];

/// A word of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cell<'t> {
    pub(super) text: &'t str,
    pub(super) place: Place,
}

/// Bytes of the file, from and to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl From<Place> for Range<usize> {
    fn from(place: Place) -> Self {
        place.start..place.end
    }
}

/// A line and its words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Row<'t> {
    pub(super) text: &'t str,
    pub(super) cells: Vec<Cell<'t>>,
    start: usize,
}

impl<'t> Row<'t> {
    /// The words of a line that begins at a byte of the file.
    pub(super) fn of(line: &'t str, start: usize) -> Self {
        let mut cells = Vec::new();
        let mut from = 0;
        // Words are parts of the line, so each is found where the one before ended.
        for word in line.split_whitespace() {
            let at = line[from..].find(word).map_or(from, |at| from + at);
            from = at + word.len();
            cells.push(Cell { text: word, place: Place { start: start + at, end: start + from } });
        }
        Self { text: line, cells, start }
    }

    pub(super) fn place(&self) -> Range<usize> {
        let first = self.cells.first().map_or(self.start, |cell| cell.place.start);
        first..self.cells.last().map_or(first, |cell| cell.place.end)
    }

    fn has(&self, header: &str) -> bool {
        self.text.contains(header)
    }

    fn cell(&self, number: usize, column: &str) -> Result<Cell<'t>, Problem> {
        self.cells.get(number).copied().ok_or_else(|| self.short(column))
    }

    /// The cell with this number from the end, from 0; not one of the first ones, so many as `after`.
    fn cell_from_end(&self, number: usize, after: usize, column: &str) -> Result<Cell<'t>, Problem> {
        let at = self.cells.len().checked_sub(number + 1).filter(|at| *at >= after);
        at.map(|at| self.cells[at]).ok_or_else(|| self.short(column))
    }

    fn short(&self, column: &str) -> Problem {
        let message = format!("the row ends before its `{column}`");
        problem(self.place(), message, "too short", "is it cut off? Import all that `mqadmin` printed")
    }
}

impl Cell<'_> {
    fn number<N: FromStr>(self, column: &str) -> Result<N, Problem> {
        self.text.parse().map_err(|_| self.wrong(column, "a whole number"))
    }

    fn wrong(self, column: &str, expected: &str) -> Problem {
        let message = format!("`{column}` is `{}`, expected {expected}", self.text);
        let help = "import what `mqadmin` printed as it is; a name with spaces in it cannot be read";
        problem(self.place.into(), message, &format!("expected {expected}"), help)
    }

    fn printed(self, widths: &[usize]) -> Printed {
        Printed { name: self.text.to_owned(), cut: widths.contains(&self.text.chars().count()) }
    }
}

/// A table that is being read.
#[derive(Debug)]
pub(super) enum Table {
    /// `clusterList`, and whether it has a column for messages a second.
    Brokers { tps: bool },
    /// `clusterList -m`, and how many rows each set had so far.
    Totals(BTreeMap<String, usize>),
    /// `topicList -c`.
    Topics,
    /// `topicRoute -l`: the place of its header, and the shares of broker sets.
    Route(Range<usize>, BTreeMap<String, Queues>),
    /// `consumerProgress`.
    Groups { width: usize },
    /// `consumerProgress -g`.
    Progress(Progress),
}

impl Table {
    /// The table that a header begins; nothing when none has such columns.
    pub(super) fn headed(header: &Row<'_>) -> Option<Self> {
        let has = |columns: &[&str]| columns.iter().all(|column| header.has(column));
        Some(if has(&["#Cluster Name", "#BID"]) {
            Self::Brokers { tps: header.has("#InTPS(LOAD)") }
        } else if has(&["#Cluster Name", "#InTotalYest"]) {
            Self::Totals(BTreeMap::new())
        } else if has(&["#Cluster Name", "#Topic"]) {
            Self::Topics
        } else if has(&["#ClusterName", "#ReadQueue", "#WriteQueue"]) {
            Self::Route(header.place(), BTreeMap::new())
        } else if has(&["#Group", "#Count", "#Diff Total"]) {
            Self::Groups { width: width(header, "#Group", "#Count") }
        } else if has(&["#Topic", "#QID", "#Diff"]) {
            Self::Progress(Progress::headed(header))
        } else {
            return None;
        })
    }

    pub(super) fn row(&mut self, row: &Row<'_>, cluster: &mut Cluster) -> Result<(), Problem> {
        match self {
            Self::Brokers { tps } => broker(row, *tps, cluster),
            Self::Totals(rows) => totals(row, rows, cluster),
            Self::Topics => topic(row, cluster),
            Self::Route(_, shares) => share(row, shares, cluster),
            Self::Groups { width } => group(row, *width, cluster),
            Self::Progress(progress) => progress.row(row, cluster),
        }
    }

    /// The table is over: what takes all of it.
    pub(super) fn close(self, about: &mut About, cluster: &mut Cluster) -> Result<(), Problem> {
        match self {
            Self::Route(header, shares) => route(header, shares, about, cluster),
            Self::Progress(progress) => progress.close(about, cluster),
            _ => Ok(()),
        }
    }
}

/// How wide the first column is; two blanks stand between it and the second.
fn width(header: &Row<'_>, first: &str, second: &str) -> usize {
    let (first, second) = (header.text.find(first), header.text.find(second));
    second.zip(first).map_or(0, |(second, first)| second.saturating_sub(first + 2))
}

fn broker(row: &Row<'_>, tps: bool, cluster: &mut Cluster) -> Result<(), Problem> {
    let (of, name) = (row.cell(0, "#Cluster Name")?, row.cell(1, "#Broker Name")?);
    let id: u64 = row.cell(2, "#BID")?.number("#BID")?;
    row.cell(3, "#Addr")?;
    // The version before it is missing where the broker did not answer.
    let rate = match row.cells.iter().skip(4).find(|cell| cell.text.contains('(')) {
        Some(cell) if tps => Some(per_second(cell)?),
        None if tps => return Err(row.short("#InTPS(LOAD)")),
        _ => None,
    };
    cluster.clusters.insert(of.text.to_owned());
    let set = cluster.sets.entry(&Printed::whole(name.text));
    set.cluster = Some(of.text.to_owned());
    set.ids.insert(id);
    if id == 0 {
        set.rate = rate;
    }
    Ok(())
}

/// `12.34(0,0ms)`, or with a decimal comma where the machine's language has one.
fn per_second(cell: &Cell<'_>) -> Result<Rate, Problem> {
    let (rate, _) = cell.text.split_once('(').unwrap_or((cell.text, ""));
    let (whole, part) = rate.split_once(['.', ',']).unwrap_or((rate, "0"));
    let digits: String = part.chars().chain("00".chars()).take(2).collect();
    match (whole.parse::<u64>(), digits.parse::<u64>()) {
        (Ok(whole), Ok(hundredths)) => Ok(Rate(whole.saturating_mul(100).saturating_add(hundredths))),
        _ => Err(cell.wrong("#InTPS(LOAD)", "messages a second, like `12.34(0,0ms)`")),
    }
}

fn totals(row: &Row<'_>, rows: &mut BTreeMap<String, usize>, cluster: &mut Cluster) -> Result<(), Problem> {
    let (of, name) = (row.cell(0, "#Cluster Name")?, row.cell(1, "#Broker Name")?);
    let yesterday: u64 = row.cell(2, "#InTotalYest")?.number("#InTotalYest")?;
    row.cell(5, "#OutTotalToday")?.number::<u64>("#OutTotalToday")?;
    cluster.clusters.insert(of.text.to_owned());
    let rows = rows.entry(name.text.to_owned()).or_default();
    *rows += 1;
    let set = cluster.sets.entry(&Printed::whole(name.text));
    set.cluster = Some(of.text.to_owned());
    set.replicas = set.replicas.max(*rows);
    // The first row of a set is the master's; what `clusterList` shows of this moment counts more than a mean.
    if *rows == 1 && set.rate.is_none() {
        set.rate = Some(Rate(yesterday.saturating_mul(100) / (24 * 60 * 60)));
    }
    Ok(())
}

/// The cluster is left blank where the topic has no route, the group where nobody reads it.
fn topic(row: &Row<'_>, cluster: &mut Cluster) -> Result<(), Problem> {
    let blank = usize::from(!row.text.starts_with([' ', '\t']));
    let name = row.cell(blank, "#Topic")?.printed(&CUT_IN_LIST);
    let of = &mut cluster.topics.entry(&name).clusters;
    if blank == 1 {
        of.insert(row.cells[0].text.to_owned());
        cluster.clusters.insert(row.cells[0].text.to_owned());
    }
    if let Some(group) = row.cells.get(blank + 1) {
        cluster.groups.entry(&group.printed(&CUT_IN_LIST)).topics.entry(name.name).or_default();
    }
    Ok(())
}

/// `DefaultCluster broker-a {0=10.0.0.1:10911, 1=10.0.0.2:10911} 8 8 6`
fn share(row: &Row<'_>, shares: &mut BTreeMap<String, Queues>, cluster: &mut Cluster) -> Result<(), Problem> {
    if row.cells.first().is_some_and(|cell| cell.text == "Total:") {
        return Ok(());
    }
    let (of, name) = (row.cell(0, "#ClusterName")?, row.cell(1, "#BrokerName")?);
    let perm: u32 = row.cell_from_end(0, 5, "#Perm")?.number("#Perm")?;
    let write = row.cell_from_end(1, 4, "#WriteQueue")?.number("#WriteQueue")?;
    let read = row.cell_from_end(2, 3, "#ReadQueue")?.number("#ReadQueue")?;
    cluster.clusters.insert(of.text.to_owned());
    let set = cluster.sets.entry(&Printed::whole(name.text));
    set.cluster = Some(of.text.to_owned());
    for cell in &row.cells[2..row.cells.len() - 3] {
        if let Some((id, _)) = cell.text.trim_start_matches('{').split_once('=') {
            set.ids.insert(id.parse().map_err(|_| cell.wrong("#BrokerAddrs", "numbers of brokers"))?);
        }
    }
    shares.insert(name.text.to_owned(), Queues { write, read, writable: is_writable(perm) });
    Ok(())
}

/// Whether producers may write to queues of these permissions: 4 is reading, 2 writing (`PermName`).
pub(super) const fn is_writable(perm: u32) -> bool {
    perm & 2 != 0
}

/// The shares of a route, once it is known whose they are.
pub(super) fn route(
    place: Range<usize>,
    shares: BTreeMap<String, Queues>,
    about: &mut About,
    cluster: &mut Cluster,
) -> Result<(), Problem> {
    let topic = about.topic().ok_or_else(|| {
        let help =
            "keep the line `mqadmin topicRoute -t TOPIC` above it, or give each route a file named after its topic";
        problem(place, "this is a route, and it is not said of which topic".to_owned(), "of which topic?", help)
    })?;
    for set in shares.keys() {
        cluster.sets.entry(&Printed::whole(set.clone()));
    }
    cluster.topics.entry(&Printed::whole(topic)).route.extend(shares);
    Ok(())
}

/// Type and model are left blank where no consumer is connected.
fn group(row: &Row<'_>, width: usize, cluster: &mut Cluster) -> Result<(), Problem> {
    let name = row.cell(0, "#Group")?.printed(&[width]);
    let count = row.cell(1, "#Count")?.number("#Count")?;
    row.cell_from_end(1, 2, "#TPS")?.number::<i64>("#TPS")?;
    row.cell_from_end(0, 3, "#Diff Total")?.number::<i64>("#Diff Total")?;
    let group = cluster.groups.entry(&name);
    group.consumers = Some(count);
    group.broadcasting = row.cells.iter().any(|cell| cell.text == "BROADCASTING");
    Ok(())
}

/// `consumerProgress -g`: what a group has read of each queue.
#[derive(Debug)]
pub(super) struct Progress {
    header: Range<usize>,
    /// The widths of the columns for topic and broker.
    widths: [usize; 2],
    has_hosts: bool,
    hosts: Vec<String>,
    /// How many messages the group is behind in each topic.
    behind: BTreeMap<String, u64>,
    /// The group, from its topic of retries.
    retried: Option<Printed>,
}

impl Progress {
    fn headed(header: &Row<'_>) -> Self {
        Self {
            header: header.place(),
            widths: [width(header, "#Topic", "#Broker Name"), width(header, "#Broker Name", "#QID")],
            has_hosts: header.has("#Client IP"),
            hosts: Vec::new(),
            behind: BTreeMap::new(),
            retried: None,
        }
    }

    fn row(&mut self, row: &Row<'_>, cluster: &mut Cluster) -> Result<(), Problem> {
        let topic = row.cell(0, "#Topic")?.printed(&self.widths[..1]);
        let set = row.cell(1, "#Broker Name")?.printed(&self.widths[1..]);
        let queue: u32 = row.cell(2, "#QID")?.number("#QID")?;
        row.cell(3, "#Broker Offset")?.number::<i64>("#Broker Offset")?;
        row.cell(4, "#Consumer Offset")?.number::<i64>("#Consumer Offset")?;
        let host = if self.has_hosts { Some(row.cell(5, "#Client IP")?) } else { None };
        let behind: i64 = row.cell(5 + usize::from(self.has_hosts), "#Diff")?.number("#Diff")?;
        if let Some(group) = topic.name.strip_prefix(RETRY) {
            self.retried = Some(Printed { name: group.to_owned(), cut: topic.cut });
            return Ok(());
        }
        self.hosts.extend(host.filter(|host| !matches!(host.text, "NA" | "N/A")).map(|host| host.text.to_owned()));
        cluster.sets.entry(&set);
        let seen = cluster.topics.entry(&topic).seen.entry(set.name).or_default();
        *seen = (*seen).max(queue.saturating_add(1));
        let total = self.behind.entry(topic.name).or_default();
        // Less than nothing where the broker lost what the group had read.
        *total = total.saturating_add(u64::try_from(behind).unwrap_or(0));
        Ok(())
    }

    fn close(self, about: &mut About, cluster: &mut Cluster) -> Result<(), Problem> {
        let group = about.group(self.retried).ok_or_else(|| {
            let help =
                "keep the line `mqadmin consumerProgress -g GROUP` above it, or give each group a file named after it";
            let message = "this is the progress of a group, and it is not said of which".to_owned();
            problem(self.header, message, "of which group?", help)
        })?;
        let group = cluster.groups.entry(&group);
        group.hosts.extend(self.hosts);
        group.topics.extend(self.behind.into_iter().map(|(topic, behind)| (topic, Some(behind))));
        Ok(())
    }
}
