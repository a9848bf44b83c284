//! Every word of the reports for people, in both languages side by side, but for those of records.

crate::words! {
    /// A text of a report.
    pub(super) enum ReportWord {
        Happened: "What happened", "经过";
        DeclaredDead: "{} is declared dead", "{} 被判定死亡";
        Assigned: "{}: assignment changes × {}", "{}：分配变化 × {}";
        RejectedHere: "{}: messages rejected × {}", "{}：消息被拒绝 × {}";
        RefusedHere: "{}: calls refused × {}", "{}：调用被拒绝 × {}";
        Retried: "{}: retries × {}", "{}：重试 × {}";
        DeadLetteredHere: "{}: dead letters × {}", "{}：进入死信 × {}";
        ExpiredHere: "{}: messages too old × {}", "{}：消息过期 × {}";
        LostHere: "{}: messages lost × {}", "{}：消息丢失 × {}";
        Truncated: "{} drops its tail: messages × {}", "{} 截断尾部：消息 × {}";
        Backlog: "{}: lag peaks at {}", "{}：堆积达到峰值 {}";
        BacklogOver: "{}: lag peaks at {}, back to 0 at {}", "{}：堆积达到峰值 {}，{} 归零";
        More: "… and {} more", "…… 还有 {} 项";
        IdleFaults: "Faults that made no difference", "没有影响的故障";
        IdlePartition: "partition: {}", "网络分区：{}";
        IdleCrash: "crash: {}", "宕机：{}";
        IdlePause: "pause: {}", "暂停：{}";
        IdleSlow: "slow: {}", "变慢：{}";
        IdleLink: "link: {}", "链路：{}";
        IdleRepeat: "repeat: {}", "消息重复：{}";
        IdleDiskFull: "full disk: {}", "磁盘已满：{}";
        IdleWipe: "wipe: {}", "磁盘清空：{}";
        Failovers: "Failovers", "主从切换";
        Failover: "{}: {} → {}", "{}：{} → {}";
        Down: "down {}", "宕机 {}";
        ElectedAt: "elected {}", "选主 {}";
        AcceptedAgain: "accepted again {}", "恢复接收 {}";
        ConsumedAgain: "consumed again {}", "恢复消费 {}";
        Messages: "Messages", "消息";
        Topic: "topic", "主题";
        Sent: "sent", "已发送";
        Accepted: "accepted", "已接收";
        Rejected: "rejected", "被拒绝";
        Unanswered: "unanswered", "未应答";
        Outage: "longest outage", "最长中断";
        All: "all", "合计";
        Ledger: "Ledger", "账本";
        Group: "group", "消费者组";
        Done: "done", "已完成";
        InProcess: "in process", "处理中";
        Waiting: "waiting", "等待";
        DeadLetters: "dead letters", "死信";
        Expired: "expired", "过期";
        Skipped: "skipped", "跳过";
        Lost: "lost", "丢失";
        Delivery: "Delivery, and latency from the first attempt to done", "消费，以及从首次发送到完成的延迟";
        Unconfirmed: "unconfirmed", "未确认";
        Duplicates: "duplicates", "重复";
        OutOfOrder: "out of order", "乱序";
        MaxLag: "max lag", "最大堆积";
        Consumer: "consumer", "消费者";
        Consumers: "Consumers", "消费者";
        Queues: "queues", "队列";
        Busy: "busy", "利用率";
        Gone: "gone", "不在";
        Producers: "Producers, and response times", "生产者，以及响应时间";
        Producer: "producer", "生产者";
        Callers: "Callers, and response times", "调用者，以及响应时间";
        Calls: "calls", "调用";
        Answered: "answered", "已应答";
        Refused: "refused", "被拒绝";
        Mean: "mean", "平均";
        Max: "max", "最大";
        Services: "Services", "服务";
        Service: "service", "服务";
        Expectations: "Expectations", "预期";
        Of: "{} of {}", "{}（{}）";
        NoValue: "no value", "无值";
        Passed: "Passed", "通过";
        Failed: "Failed", "未通过";
        Run: "seed {} · fingerprint {} · {} events in {}", "种子 {0} · 指纹 {1} · {3} 内 {2} 个事件";
        Again: "Again: {}", "重现：{}";
    }
}
