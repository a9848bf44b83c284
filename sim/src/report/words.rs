//! Every word of the reports for people, in both languages side by side: a missing one does not compile.

use super::Lang;

macro_rules! words {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        /// The words of one language; `{0}`, `{1}` … stand for what [`fill`] puts in.
        pub(super) struct Words { $(pub(super) $name: &'static str,)* }

        const EN: Words = Words { $($name: $en,)* };
        const ZH: Words = Words { $($name: $zh,)* };
    };
}

words! {
    happened: "What happened", "经过";
    crashed_host: "{0} crashes", "{0} 宕机";
    crashed_process: "{0} crashes (only the process)", "{0} 进程崩溃";
    crashed_wiped: "{0} crashes, its disk is empty", "{0} 宕机，磁盘清空";
    restarted: "{0} is back", "{0} 恢复";
    paused: "{0} pauses", "{0} 暂停";
    resumed: "{0} goes on", "{0} 继续";
    joined: "{0} joins", "{0} 加入";
    left: "{0} leaves", "{0} 离开";
    changed: "{0}: {1} = {2}", "{0}：{1} = {2}";
    partition: "partition: {0}", "网络分区：{0}";
    partition_over: "partition over: {0}", "网络分区结束：{0}";
    link: "link {0}: {1}", "链路 {0}: {1}";
    link_over: "link {0} is as before", "链路 {0} 恢复";
    repeat: "repeat {0}: {1}", "消息重复到达 {0}: {1}";
    repeat_over: "repeat {0} is over", "消息 {0} 不再重复";
    disk_full: "{0}: its disk is full", "{0}：磁盘已满";
    disk_over: "{0}: its disk has room again", "{0}：磁盘又有空间";
    declared_dead: "{0} is declared dead", "{0} 被判定死亡";
    elected: "{1} is master of {0}, epoch {2}", "{1} 成为 {0} 的主，第 {2} 任";
    assigned: "{0}: assignment changes × {1}", "{0}：分配变化 × {1}";
    rejected_here: "{0}: messages rejected × {1}", "{0}：消息被拒绝 × {1}";
    refused_here: "{0}: calls refused × {1}", "{0}：调用被拒绝 × {1}";
    retried: "{0}: retries × {1}", "{0}：重试 × {1}";
    dead_lettered_here: "{0}: dead letters × {1}", "{0}：进入死信 × {1}";
    expired_here: "{0}: messages too old × {1}", "{0}：消息过期 × {1}";
    lost_here: "{0}: messages lost × {1}", "{0}：消息丢失 × {1}";
    truncated: "{0} drops its tail: messages × {1}", "{0} 截断尾部：消息 × {1}";
    backlog: "{0}: lag peaks at {1}", "{0}：堆积达到峰值 {1}";
    backlog_over: "{0}: lag peaks at {1}, back to 0 at {2}", "{0}：堆积达到峰值 {1}，{2} 归零";
    more: "… and {0} more", "…… 还有 {0} 项";
    idle_faults: "Faults that made no difference", "没有影响的故障";
    idle_crash: "crash: {0}", "宕机：{0}";
    idle_pause: "pause: {0}", "暂停：{0}";
    idle_slow: "slow: {0}", "变慢：{0}";
    idle_link: "link: {0}", "链路：{0}";
    idle_repeat: "repeat: {0}", "消息重复：{0}";
    idle_disk_full: "full disk: {0}", "磁盘已满：{0}";
    idle_wipe: "wipe: {0}", "磁盘清空：{0}";
    failovers: "Failovers", "主从切换";
    failover: "{0}: {1} → {2}", "{0}：{1} → {2}";
    down: "down {0}", "宕机 {0}";
    elected_at: "elected {0}", "选主 {0}";
    accepted_again: "accepted again {0}", "恢复接收 {0}";
    consumed_again: "consumed again {0}", "恢复消费 {0}";
    messages: "Messages", "消息";
    topic: "topic", "主题";
    sent: "sent", "已发送";
    accepted: "accepted", "已接收";
    rejected: "rejected", "被拒绝";
    unanswered: "unanswered", "未应答";
    outage: "longest outage", "最长中断";
    all: "all", "合计";
    ledger: "Ledger", "账本";
    group: "group", "消费者组";
    done: "done", "已完成";
    in_process: "in process", "处理中";
    waiting: "waiting", "等待";
    dead_letters: "dead letters", "死信";
    expired: "expired", "过期";
    skipped: "skipped", "跳过";
    lost: "lost", "丢失";
    delivery: "Delivery, and latency from the first attempt to done", "消费，以及从首次发送到完成的延迟";
    unconfirmed: "unconfirmed", "未确认";
    duplicates: "duplicates", "重复";
    out_of_order: "out of order", "乱序";
    max_lag: "max lag", "最大堆积";
    consumer: "consumer", "消费者";
    consumers: "Consumers", "消费者";
    queues: "queues", "队列";
    busy: "busy", "利用率";
    gone: "gone", "不在";
    producers: "Producers, and response times", "生产者，以及响应时间";
    producer: "producer", "生产者";
    callers: "Callers, and response times", "调用者，以及响应时间";
    calls: "calls", "调用";
    answered: "answered", "已应答";
    refused: "refused", "被拒绝";
    mean: "mean", "平均";
    max: "max", "最大";
    services: "Services", "服务";
    service: "service", "服务";
    expectations: "Expectations", "预期";
    of: "{0} of {1}", "{0}（{1}）";
    no_value: "no value", "无值";
    passed: "Passed", "通过";
    failed: "Failed", "未通过";
    run: "seed {0} · fingerprint {1} · {2} events in {3}", "种子 {0} · 指纹 {1} · {3} 内 {2} 个事件";
    again: "Again: {0}", "重现：{0}";
}

impl Words {
    pub(super) const fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &EN,
            Lang::Zh => &ZH,
        }
    }
}

/// The template with the parts in the places of `{0}`, `{1}` …; a part is never looked into again.
pub(super) fn fill(template: &str, parts: &[&str]) -> String {
    let mut text = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (number, after) = after.split_once('}').unwrap_or((after, ""));
        let part = number.parse::<usize>().ok().and_then(|number| parts.get(number));
        text.push_str(part.copied().unwrap_or_default());
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_looks_like_a_place_is_left_alone() {
        assert_eq!(fill("{1} before {0}!", &["{1}", "b"]), "b before {1}!");
        assert_eq!(fill("no place", &["a"]), "no place");
    }
}
