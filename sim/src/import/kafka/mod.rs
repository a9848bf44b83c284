//! Outputs of the tools of Apache Kafka: `kafka-consumer-groups --describe` as tables, `kafka-topics --describe` as lines of keys
//! and values.
//!
//! From `ConsumerGroupCommand` and `TopicCommand` of `apache/kafka` (in Scala up to 3.6, in Java since), releases 0.9 to 4.1,
//! and KIP-175. They differ: up to 1.1 there is no column for the group; 0.9 parts its cells with commas; `--members` and
//! `--state` have columns of their own.

mod groups;
mod topics;

pub(super) use self::groups::read_group_state;
pub(super) use self::topics::{Described, Topics};

use self::groups::NOTHING;
use super::format::{RowByRow, TableFormat};
use super::table::CellKind::{Any, Name, NameOr, Number, NumberOr, Rest};
use super::table::KnownColumn;

const fn column(name: &'static str, kind: super::table::CellKind) -> KnownColumn {
    KnownColumn::new(name, kind)
}

/// A number, or the sign that there is none.
const NUMBER: super::table::CellKind = NumberOr(&[NOTHING, "unknown"]);

pub(super) const FORMATS: &[TableFormat] = &[
    // --describe --members
    TableFormat {
        needs: &["consumerid", "partitions"],
        columns: &[
            column("group", Name),
            column("consumerid", Any),
            column("groupinstanceid", Any),
            column("host", Any),
            column("clientid", Any),
            column("partitions", Number),
            column("assignment", Rest),
            column("currentepoch", Any).or_blank(),
            column("currentassignment", Any).or_blank(),
            column("targetepoch", Any).or_blank(),
            column("targetassignment", Any).or_blank(),
            column("upgraded", Any).or_blank(),
        ],
        is_ambiguous: false,
        begin: |_| Box::new(groups::MemberRows::default()),
    },
    // --describe --state. The heading `COORDINATOR (ID)` is two words, and so are its cells.
    TableFormat {
        needs: &["group", "coordinator", "state", "members"],
        columns: &[
            column("group", Name),
            column("coordinator", Any),
            column("(id)", Any).or_blank(),
            column("assignmentstrategy", Any).or_blank(),
            column("state", Any),
            column("groupepoch", Any).or_blank(),
            column("targetassignmentepoch", Any).or_blank(),
            column("members", Number),
        ],
        is_ambiguous: false,
        begin: |_| Box::new(RowByRow(groups::state)),
    },
    // --describe
    TableFormat {
        needs: &["topic", "partition|pid", "lag"],
        columns: &[
            column("group", Name),
            column("topic", NameOr(&[NOTHING])),
            column("partition", NUMBER),
            column("pid", NUMBER),
            column("leaderepoch", Any),
            column("currentoffset", NUMBER),
            column("offset", NUMBER),
            column("logendoffset", NUMBER),
            column("logsize", NUMBER),
            column("lag", NUMBER),
            column("consumerid", Any).or_blank(),
            column("owner", Any).or_blank(),
            column("host", Any).or_blank(),
            column("clientid", Rest),
        ],
        is_ambiguous: false,
        begin: |header| Box::new(groups::OffsetRows::of(header)),
    },
];
