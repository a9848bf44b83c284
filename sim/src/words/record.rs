//! A record as a sentence, with names in the places of ids. The subject is the node at which it happened; a fault on the
//! wire has none, since it strikes links.
//!
//! It knows nothing of how a record came about, and what it led to.

use std::borrow::Cow;

use super::figure::offsets;
use super::{Language, fill};
use crate::plan::{CrashMode, GroupId, MessageId, NodeId, Plan, QueueId, Rule};
use crate::record::{Change, Kind, What, Why};

crate::words! {
    /// Sentences about records; `orders/broker-1/0@7` is the offset 7 of a queue. Place 0 is the node's name, the others are
    /// those of [`parts`].
    enum RecordWord {
        Sent: "{} sends {} to {}", "{} 发送 {} 到 {}";
        SentAgain: "{} sends {} to {}, attempt {}", "{} 发送 {} 到 {}，第 {} 次";
        Unrouted: "{} knows no queue for {}", "{} 没有可用于 {} 的队列";
        Stored: "{} stores {} in {}@{}", "{} 存储 {} 到 {}，位点 {}";
        Replicated: "{} has copied {} to {}@{}", "{} 已复制 {}，{} 位点 {}";
        Accepted: "{} hears that {} is accepted", "{} 得知 {} 已接收";
        Rejected: "{} gives {} up", "{} 放弃 {}";
        Dropped: "{}: {} to {} is lost on the way ({})", "{0} 发往 {2} 的{1}没有到达（{3}）";
        Assigned: "{} works out its queues: {}", "{} 算出自己的队列：{}";
        AssignedNone: "{} works out that no queue is its own", "{} 算出自己没有队列";
        Begun: "{}: {} begins to read {}@{}", "{}：{} 从 {} 的位点 {} 开始读";
        Held: "{} holds a pull of {} for {}", "{} 挂起 {} 对 {} 的拉取";
        Woken: "{} answers the held pull of {} for {}", "{} 唤醒 {} 对 {} 的拉取";
        Delivered: "{} delivers {2}@{3} to {1}", "{} 投递 {2} 的位点 {3} 给 {1}";
        Started: "{} begins {}", "{} 开始处理 {}";
        Finished: "{} has done {}", "{} 处理完 {}";
        Failed: "{} fails to process {}", "{} 处理 {} 失败";
        Deduplicated: "{} passes over {}: done before", "{} 跳过 {}：已处理过";
        Committed: "{}: {} commits {2}@{3}", "{}：{} 提交 {} 到位点 {}";
        Deleted: "{} deletes {} before offset {}", "{} 删除 {} 位点 {} 之前";
        Retried: "{}: {} comes again for {}", "{}：{} 将由 {} 重试";
        DeadLettered: "{}: {} is a dead letter of {}", "{}：{} 进入 {} 的死信";
        Lost: "{}: {} is lost for {}", "{}：{} 对 {} 丢失";
        Expired: "{}: {} was too old for {}", "{}：{} 对 {} 过期";
        Skipped: "{}: {} lies before the beginning of {}", "{}：{} 在 {} 的起点之前";
        Truncated: "{} drops {1}@{2}", "{} 截断 {1} 的位点 {2}";
        Registered: "{} registers {} at {}", "{} 登记 {}，地址 {}";
        DeclaredDead: "{} declares {} dead", "{} 判定 {} 死亡";
        Elected: "{} is master of {}, epoch {}", "{} 成为 {} 的主，第 {} 任";
        Joined: "{} joins", "{} 加入";
        Left: "{} leaves", "{} 离开";
        CrashedHost: "{} crashes", "{} 宕机";
        CrashedProcess: "{} crashes (only the process)", "{} 进程崩溃";
        Wiped: "{} crashes, its disk is empty", "{} 宕机，磁盘清空";
        Restarted: "{} is back", "{} 恢复";
        Paused: "{} pauses", "{} 暂停";
        Resumed: "{} goes on", "{} 继续";
        Changed: "{}: {} = {}", "{}：{} = {}";
        Partition: "partition: {1}", "网络分区：{1}";
        PartitionOver: "partition over: {1}", "网络分区结束：{1}";
        Link: "link {1}: {2}", "链路 {1}: {2}";
        LinkOver: "link {1} is as before", "链路 {1} 恢复";
        Repeat: "repeat {1}: {2}", "消息重复到达 {1}: {2}";
        RepeatOver: "repeat {1} is over", "消息 {1} 不再重复";
        DiskFull: "{}: its disk is full", "{}：磁盘已满";
        DiskOver: "{}: its disk has room again", "{}：磁盘又有空间";
        Called: "{} calls {} ({})", "{} 调用 {}（{}）";
        Answered: "{} has the answer of {} ({})", "{} 得到 {} 的应答（{}）";
        Refused: "{} has no room for {}", "{} 没有空位，拒绝 {}";
        Unanswered: "{} waits no longer for {} ({})", "{} 不再等待 {}（{}）";
        Serving: "{} works on {}", "{} 处理调用 {}";
        Served: "{} has answered {}", "{} 应答调用 {}";
    }
}

crate::words! {
    /// Messages between nodes, and why they never arrive.
    enum WireWord {
        Heartbeat: "a heartbeat", "心跳";
        Route: "a route", "路由";
        Members: "a list of members", "成员列表";
        Role: "a role", "角色";
        Goodbye: "a goodbye", "告别";
        Send: "a message", "消息";
        SendAnswer: "an answer", "应答";
        Lock: "a claim", "队列请求";
        Unlock: "a release", "队列释放";
        Pull: "a pull", "拉取";
        PullAnswer: "a delivery", "投递";
        Commit: "a commit", "提交";
        Settle: "a settlement", "结算";
        Call: "a call", "调用";
        CallAnswer: "an answer", "调用应答";
        Closed: "a closed connection", "连接关闭";
        Copy: "a copy for a slave", "给从的副本";
        CopyAnswer: "a copy's answer", "副本的应答";
        Loss: "lost", "网络丢失";
        Down: "receiver down", "对方宕机";
        Restarted: "receiver restarted", "对方已重启";
        Absent: "nobody there", "对方不在";
        Partition: "cut off", "网络断开";
    }
}

/// What happened at a node, as a sentence: `broker-2 is master of broker-1, epoch 2`.
#[must_use]
pub fn sentence(plan: &Plan, node: NodeId, kind: &Kind, language: Language) -> String {
    let others = parts(plan, kind, language);
    let parts: Vec<&str> = std::iter::once(plan.name(node)).chain(others.iter().map(|part| &**part)).collect();
    fill(word(kind).text(language), &parts)
}

/// Why a message between two nodes never arrived.
#[must_use]
pub const fn why(why: Why, language: Language) -> &'static str {
    let word = match why {
        Why::Loss => WireWord::Loss,
        Why::Down => WireWord::Down,
        Why::Restarted => WireWord::Restarted,
        Why::Absent => WireWord::Absent,
        Why::Partition => WireWord::Partition,
    };
    word.text(language)
}

/// Every text of which sentences are made: for who must have a shape for each of their characters.
pub fn texts(language: Language) -> impl Iterator<Item = &'static str> {
    let sentences = RecordWord::ALL.iter().map(move |word| word.text(language));
    sentences.chain(WireWord::ALL.iter().map(move |word| word.text(language)))
}

/// The text of a record's sentence.
fn word(kind: &Kind) -> RecordWord {
    match kind {
        Kind::Sent { attempt: 1, .. } => RecordWord::Sent,
        Kind::Sent { .. } => RecordWord::SentAgain,
        Kind::Unrouted { .. } => RecordWord::Unrouted,
        Kind::Stored { .. } => RecordWord::Stored,
        Kind::Replicated { .. } => RecordWord::Replicated,
        Kind::Accepted { .. } => RecordWord::Accepted,
        Kind::Rejected { .. } => RecordWord::Rejected,
        Kind::Dropped { .. } => RecordWord::Dropped,
        Kind::Assigned { queues, .. } if queues.is_empty() => RecordWord::AssignedNone,
        Kind::Assigned { .. } => RecordWord::Assigned,
        Kind::Begun { .. } => RecordWord::Begun,
        Kind::Held { .. } => RecordWord::Held,
        Kind::Woken { .. } => RecordWord::Woken,
        Kind::Delivered { .. } => RecordWord::Delivered,
        Kind::Started { .. } => RecordWord::Started,
        Kind::Finished { .. } => RecordWord::Finished,
        Kind::Failed { .. } => RecordWord::Failed,
        Kind::Deduplicated { .. } => RecordWord::Deduplicated,
        Kind::Committed { .. } => RecordWord::Committed,
        Kind::Deleted { .. } => RecordWord::Deleted,
        Kind::Retried { .. } => RecordWord::Retried,
        Kind::DeadLettered { .. } => RecordWord::DeadLettered,
        Kind::Lost { .. } => RecordWord::Lost,
        Kind::Expired { .. } => RecordWord::Expired,
        Kind::Skipped { .. } => RecordWord::Skipped,
        Kind::Truncated { .. } => RecordWord::Truncated,
        Kind::Registered { .. } => RecordWord::Registered,
        Kind::DeclaredDead { .. } => RecordWord::DeclaredDead,
        Kind::Elected { .. } => RecordWord::Elected,
        Kind::Joined => RecordWord::Joined,
        Kind::Left => RecordWord::Left,
        Kind::Crashed { mode: CrashMode::Host } => RecordWord::CrashedHost,
        Kind::Crashed { mode: CrashMode::Process } => RecordWord::CrashedProcess,
        Kind::Crashed { mode: CrashMode::Wipe } => RecordWord::Wiped,
        Kind::Restarted => RecordWord::Restarted,
        Kind::Paused => RecordWord::Paused,
        Kind::Resumed => RecordWord::Resumed,
        Kind::Changed { change } => change_word(change),
        Kind::Called { .. } => RecordWord::Called,
        Kind::Answered { .. } => RecordWord::Answered,
        Kind::Refused { .. } => RecordWord::Refused,
        Kind::Unanswered { .. } => RecordWord::Unanswered,
        Kind::Serving { .. } => RecordWord::Serving,
        Kind::Served { .. } => RecordWord::Served,
    }
}

const fn change_word(change: &Change) -> RecordWord {
    match change {
        Change::Setting(_) | Change::Slowness(_) => RecordWord::Changed,
        Change::DiskFull(true) => RecordWord::DiskFull,
        Change::DiskFull(false) => RecordWord::DiskOver,
        Change::Wire { rule, over, .. } => match (rule, over) {
            (Rule::Cut, false) => RecordWord::Partition,
            (Rule::Cut, true) => RecordWord::PartitionOver,
            (Rule::Change { .. }, false) => RecordWord::Link,
            (Rule::Change { .. }, true) => RecordWord::LinkOver,
            (Rule::Repeat { .. }, false) => RecordWord::Repeat,
            (Rule::Repeat { .. }, true) => RecordWord::RepeatOver,
        },
    }
}

/// What a sentence names besides the node, for its places from 1: the particulars of its record in their order, but for a
/// queue, which follows the message or the group.
fn parts<'a>(plan: &'a Plan, kind: &Kind, language: Language) -> Vec<Cow<'a, str>> {
    let node = |node: &NodeId| Cow::from(plan.name(*node));
    let group = |group: &GroupId| Cow::from(&plan.groups[*group].name);
    let queue = |queue: &QueueId| Cow::from(&plan.queues[*queue].name);
    let message = |message: &MessageId| Cow::from(plan.message(*message));
    let number = |number: u64| Cow::from(number.to_string());
    match kind {
        Kind::Sent { message: it, queue: to, attempt, .. } => vec![message(it), queue(to), number((*attempt).into())],
        Kind::Stored { message: it, queue: to, offset, .. }
        | Kind::Replicated { message: it, queue: to, offset, .. } => {
            vec![message(it), queue(to), number(offset.0)]
        }
        Kind::Unrouted { message: it }
        | Kind::Accepted { message: it }
        | Kind::Rejected { message: it }
        | Kind::Started { message: it, .. }
        | Kind::Finished { message: it, .. }
        | Kind::Failed { message: it, .. }
        | Kind::Deduplicated { message: it, .. }
        | Kind::Refused { call: it, .. }
        | Kind::Serving { call: it }
        | Kind::Served { call: it } => vec![message(it)],
        Kind::Retried { group: of, message: it }
        | Kind::DeadLettered { group: of, message: it }
        | Kind::Lost { group: of, message: it }
        | Kind::Expired { group: of, message: it }
        | Kind::Skipped { group: of, message: it } => vec![message(it), group(of)],
        Kind::Dropped { to, what: it, why: because, .. } => {
            vec![what(*it, language).into(), node(to), why(*because, language).into()]
        }
        Kind::Assigned { queues, .. } => vec![queues.iter().map(queue).collect::<Vec<_>>().join(" ").into()],
        Kind::Held { group: by, queue: it } | Kind::Woken { group: by, queue: it } => vec![group(by), queue(it)],
        Kind::Begun { group: by, queue: it, offset } | Kind::Committed { group: by, queue: it, offset } => {
            vec![group(by), queue(it), number(offset.0)]
        }
        Kind::Delivered { group: by, queue: it, from, to } => vec![group(by), queue(it), offsets(*from, *to).into()],
        Kind::Deleted { queue: it, offset } => vec![queue(it), number(offset.0)],
        Kind::Truncated { queue: it, from, to } => vec![queue(it), offsets(*from, *to).into()],
        Kind::Registered { of } => vec![node(of), plan.address(*of).into()],
        Kind::DeclaredDead { of } => vec![node(of)],
        Kind::Elected { set, epoch } => vec![Cow::from(&plan.sets[*set].name), epoch.to_string().into()],
        Kind::Changed { change } => change_parts(plan, change),
        Kind::Called { call, service } | Kind::Answered { call, service } | Kind::Unanswered { call, service } => {
            vec![node(service), message(call)]
        }
        Kind::Crashed { .. } | Kind::Joined | Kind::Left | Kind::Restarted | Kind::Paused | Kind::Resumed => Vec::new(),
    }
}

fn change_parts<'a>(plan: &'a Plan, change: &Change) -> Vec<Cow<'a, str>> {
    match change {
        Change::Setting(_) | Change::Slowness(_) => vec![change.key().into(), change.value(plan).into()],
        Change::Wire { links, rule, .. } => vec![links.text(plan).into(), rule.to_string().into()],
        Change::DiskFull(_) => Vec::new(),
    }
}

const fn what(what: What, language: Language) -> &'static str {
    let word = match what {
        What::Heartbeat => WireWord::Heartbeat,
        What::Route => WireWord::Route,
        What::Members => WireWord::Members,
        What::Role => WireWord::Role,
        What::Goodbye => WireWord::Goodbye,
        What::Send => WireWord::Send,
        What::SendAnswer => WireWord::SendAnswer,
        What::Lock => WireWord::Lock,
        What::Unlock => WireWord::Unlock,
        What::Pull => WireWord::Pull,
        What::PullAnswer => WireWord::PullAnswer,
        What::Commit => WireWord::Commit,
        What::Settle => WireWord::Settle,
        What::Call => WireWord::Call,
        What::CallAnswer => WireWord::CallAnswer,
        What::Closed => WireWord::Closed,
        What::Copy => WireWord::Copy,
        What::CopyAnswer => WireWord::CopyAnswer,
    };
    word.text(language)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::Arc;

    use super::*;
    use crate::kernel::Distribution;
    use crate::observe::sample::{DB, FIRST, GROUP, MASTER, QUEUE, SET, SHOP, SLAVE, plan};
    use crate::plan::Offset;
    use crate::plan::{Epoch, Links};
    use crate::record::KindName;

    /// Each kind of record, and what a change can be.
    fn happenings() -> Vec<(NodeId, Kind)> {
        let (group, queue, offset, epoch) = (GROUP, QUEUE, 7, Epoch::nth(2));
        let message = MessageId { producer: SHOP, number: 3 };
        let (call, service) = (message, DB);
        let sent = |attempt| (SHOP, Kind::Sent { message, queue, attempt, key: None });
        let at = |node: NodeId| move |kind: Kind| (node, kind);
        let crashed = [CrashMode::Host, CrashMode::Process, CrashMode::Wipe].map(|mode| Kind::Crashed { mode });
        let broker = [
            Kind::Stored { message, queue, offset: Offset(offset), epoch },
            Kind::Replicated { message, queue, offset: Offset(offset), epoch },
            Kind::Dropped { from: MASTER, to: SLAVE, what: What::Copy, why: Why::Partition },
            Kind::Begun { group, queue, offset: Offset(offset) },
            Kind::Held { group, queue },
            Kind::Woken { group, queue },
            Kind::Delivered { group, queue, from: Offset(7), to: Offset(10) },
            Kind::Committed { group, queue, offset: Offset(offset) },
            Kind::Deleted { queue, offset: Offset(offset) },
            Kind::Retried { group, message },
            Kind::DeadLettered { group, message },
            Kind::Lost { group, message },
            Kind::Expired { group, message },
            Kind::Skipped { group, message },
            Kind::Truncated { queue, from: Offset(7), to: Offset(8) },
            Kind::Elected { set: SET, epoch },
            Kind::Restarted,
            Kind::Paused,
            Kind::Resumed,
        ];
        let consumer = [
            Kind::Assigned { group, queues: [].into() },
            Kind::Assigned { group, queues: [queue, queue].into() },
            Kind::Started { group, message, queue, offset: Offset(offset) },
            Kind::Finished { group, message, queue, offset: Offset(offset) },
            Kind::Failed { group, message, queue, offset: Offset(offset) },
            Kind::Deduplicated { group, message, queue, offset: Offset(offset) },
            Kind::Called { call, service },
            Kind::Answered { call, service },
            Kind::Unanswered { call, service },
            Kind::Joined,
            Kind::Left,
        ];
        let others = [
            sent(1),
            sent(2),
            (SHOP, Kind::Unrouted { message }),
            (SHOP, Kind::Accepted { message }),
            (SHOP, Kind::Rejected { message }),
            (DB, Kind::Refused { call, service }),
            (DB, Kind::Serving { call }),
            (DB, Kind::Served { call }),
            (NodeId(0), Kind::Registered { of: MASTER }),
            (NodeId(0), Kind::DeclaredDead { of: MASTER }),
        ];
        let brokers = broker.into_iter().chain(crashed).chain(changes()).map(at(MASTER));
        others.into_iter().chain(brokers).chain(consumer.into_iter().map(at(FIRST))).collect()
    }

    fn changes() -> impl Iterator<Item = Kind> {
        let rules = [Rule::Cut, Rule::Change { latency: None, loss: Some(0.5) }, Rule::Repeat { probability: 1.0 }];
        let wire = rules.into_iter().flat_map(|rule| {
            [false, true].map(|over| Change::Wire { links: Links::Between(MASTER, SHOP), rule, over })
        });
        let others = [
            Change::Slowness(4.0),
            Change::Setting(crate::plan::Setting::StoreTime(Distribution::ZERO)),
            Change::DiskFull(true),
            Change::DiskFull(false),
        ];
        wire.chain(others).map(|change| Kind::Changed { change: Arc::new(change) })
    }

    #[test]
    fn every_kind_of_record_is_a_sentence_in_both_languages() {
        let (plan, happenings) = (plan(), happenings());
        let missing = |name: &&&str| !happenings.iter().any(|(_, kind)| kind.name() == **name);
        assert_eq!(KindName::ALL.iter().filter(missing).collect::<Vec<_>>(), [&""; 0]);
        let mut text = String::new();
        for (node, kind) in &happenings {
            let [english, chinese] = Language::ALL.map(|language| sentence(&plan, *node, kind, language));
            writeln!(text, "{english} | {chinese}").expect("a string takes everything");
        }
        insta::assert_snapshot!(text);
    }
}
