//! The tables that `mqadmin` prints. Which columns there are is read from the header, since they differ between versions.
//!
//! From the classes `*SubCommand` of the module `tools` of `apache/rocketmq`, releases 4.0 to 5.3; the widths after which names
//! are cut are those of `UtilAll.frontStringAtLeast` there. How a real 5.3.3 prints them is in `../samples`.

mod brokers;
mod groups;
mod topics;

pub(super) use self::brokers::{is_writable, rate};
pub(super) use self::groups::Trailer;

use super::format::{RowByRow, TableFormat};
use super::table::CellKind::{Addresses, Any, Decimal, Expression, Load, Name, Number, NumberOr, Rest, Word};
use super::table::KnownColumn;

/// The widths of names in most tables: 32 in 4.x, 64 in 5.x.
const NAMES: &[usize] = &[32, 64];

const fn column(name: &'static str, kind: super::table::CellKind) -> KnownColumn {
    KnownColumn::new(name, kind)
}

pub(super) const FORMATS: &[TableFormat] = &[
    // clusterList
    TableFormat {
        needs: &["clustername", "brokername", "bid"],
        columns: &[
            column("clustername", Name),
            column("brokername", Name),
            column("bid", Number),
            column("addr", Any),
            // Left blank where a broker did not answer, as are the numbers behind.
            column("version", Name).or_blank(),
            column("intps(load)", Load),
            column("outtps(load)", Load).or_blank(),
            column("timer(progress)", Any).or_blank(),
            column("pcwait(ms)", Number).or_blank(),
            column("hour", Decimal).or_blank(),
            column("space", Decimal).or_blank(),
            column("activated", Word(&["true", "false"])).or_blank(),
        ],
        is_ambiguous: false,
        begin: |_| Box::new(RowByRow(brokers::broker)),
    },
    // clusterList -m
    TableFormat {
        needs: &["clustername", "brokername", "intotalyest"],
        columns: &[
            column("clustername", Name),
            column("brokername", Name),
            column("intotalyest", Number),
            column("outtotalyest", Number),
            column("intotaltoday", Number),
            column("outtotaltoday", Number),
        ],
        is_ambiguous: false,
        begin: |_| Box::new(brokers::Totals::default()),
    },
    // topicRoute -l
    TableFormat {
        needs: &["brokername", "readqueue", "writequeue"],
        columns: &[
            column("clustername", Name).or_blank(),
            column("brokername", Name),
            column("brokeraddrs", Addresses).or_blank(),
            column("readqueue", Number),
            column("writequeue", Number),
            column("perm", Number).or_blank(),
        ],
        is_ambiguous: false,
        begin: |header| Box::new(brokers::RouteRows::of(header)),
    },
    // topicList -c. The cluster is blank where the topic has no route, the group where nobody reads it.
    TableFormat {
        needs: &["clustername", "topic"],
        columns: &[
            column("clustername", Name).or_blank().cut_after(&[20]),
            column("topic", Name).cut_after(&[48, 64]),
            column("consumergroup", Name).or_blank().cut_after(&[48, 64]),
        ],
        is_ambiguous: false,
        begin: |_| Box::new(topics::WithGroups::default()),
    },
    // topicStatus
    TableFormat {
        needs: &["brokername", "qid", "minoffset", "maxoffset"],
        columns: &[
            column("topic", Name).or_blank(),
            column("brokername", Name).cut_after(&[32]),
            column("qid", Number),
            column("minoffset", Number),
            column("maxoffset", Number),
            column("lastupdated", Rest),
        ],
        is_ambiguous: false,
        begin: |header| Box::new(topics::StatusRows::of(header)),
    },
    // statsAll. A topic that nobody reads has no group; an old version leaves out how much has gathered, too.
    TableFormat {
        needs: &["topic", "consumergroup", "intps"],
        columns: &[
            column("topic", Name).cut_after(NAMES),
            column("consumergroup", Name).or_blank().cut_after(NAMES),
            column("accumulation", Number).or_blank(),
            column("intps", Decimal),
            column("outtps", Decimal).or_blank(),
            column("inmsg24hour", Number).or_blank(),
            column("outmsg24hour", NumberOr(&["NO_CONSUMER"])).or_blank(),
        ],
        is_ambiguous: false,
        begin: |_| Box::new(RowByRow(topics::rates)),
    },
    // consumerProgress. Type and model are blank where no consumer is connected.
    TableFormat {
        needs: &["group", "count"],
        columns: &[
            column("group", Name).cut_after(NAMES),
            column("count", Number),
            column("version", Name).or_blank(),
            column("type", Word(&["PUSH", "PULL", "POP"])).or_blank(),
            column("model", Word(&["CLUSTERING", "BROADCASTING", "UNKNOWN"])).or_blank(),
            column("tps", Number),
            column("difftotal", Number),
        ],
        is_ambiguous: false,
        begin: |_| Box::new(RowByRow(groups::group)),
    },
    // brokerConsumeStats
    TableFormat {
        needs: &["topic", "group", "qid", "diff"],
        columns: &[
            column("topic", Name).cut_after(NAMES),
            column("group", Name),
            column("brokername", Name).cut_after(&[32]),
            column("qid", Number),
            column("brokeroffset", Number),
            column("consumeroffset", Number),
            column("diff", Number),
            column("lasttime", Rest),
        ],
        is_ambiguous: false,
        begin: |_| Box::new(RowByRow(groups::stats)),
    },
    // consumerProgress -g
    TableFormat {
        needs: &["topic", "brokername", "qid", "diff"],
        columns: &[
            column("topic", Name).cut_after(NAMES),
            column("brokername", Name).cut_after(&[32]),
            column("qid", Number),
            column("brokeroffset", Number),
            column("consumeroffset", Number),
            column("clientip", Name),
            column("diff", Number),
            column("inflight", Number),
            column("lasttime", Rest),
        ],
        is_ambiguous: false,
        begin: |header| Box::new(groups::ConsumerProgress::of(header)),
    },
    // consumerConnection: first who is connected, then what they read
    TableFormat {
        needs: &["clientid", "clientaddr"],
        columns: &[
            column("clientid", Any),
            column("clientaddr", Any),
            column("language", Any).or_blank(),
            column("version", Any).or_blank(),
        ],
        is_ambiguous: true,
        begin: |header| Box::new(groups::Clients::of(header)),
    },
    TableFormat {
        needs: &["topic", "subexpression"],
        columns: &[column("topic", Name), column("subexpression", Expression).or_blank()],
        is_ambiguous: true,
        begin: |header| Box::new(groups::Subscriptions::of(header)),
    },
];
