//! Every word on the screen, in both languages side by side, so that neither can be forgotten. Texts of a scenario come from
//! its file.
//!
//! `{}` in a text stands for a name or a figure. [`fill`] puts them in, in their order, or by number: `{1}`.

/// A language of the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// 简体中文.
    Chinese,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Its code, as `--lang` takes it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::English => Self::Chinese,
            Self::Chinese => Self::English,
        }
    }

    /// A text of a scenario, in this language.
    #[must_use]
    pub fn of(self, text: &queuescope::plan::Text) -> &str {
        match self {
            Self::English => &text.en,
            Self::Chinese => &text.zh,
        }
    }
}

macro_rules! words {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        /// A text of the window.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        #[allow(missing_docs, reason = "the texts themselves say what they are")]
        pub enum Word {
            $($name,)*
        }

        impl Word {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The text in a language.
            #[must_use]
            pub const fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::English) => $en,
                    (Self::$name, Language::Chinese) => $zh,)*
                }
            }
        }
    };
}

/// Puts names and figures into the places of a text: `{}` takes the next one, `{1}` the one of that number, from 0.
#[must_use]
pub fn fill(text: &str, with: &[&str]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let (mut rest, mut next) = (text, 0);
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else { break };
        filled.push_str(&rest[..open]);
        let place = rest[open + 1..open + length].parse().unwrap_or(next);
        next += 1;
        filled.push_str(with.get(place).copied().unwrap_or_default());
        rest = &rest[open + length + 1..];
    }
    filled.push_str(rest);
    filled
}

words! {
    // The window.
    AppName: "Queuescope", "Queuescope";
    Lessons: "Lessons", "课程";
    GalleryHint: "Choose one, or watch the one that plays.", "选一课，或者先看正在播放的这一课。";
    Menu: "Menu", "菜单";
    LanguageName: "中文", "English";
    SwitchLanguage: "Switch to 中文", "切换到 English";
    Light: "Light", "浅色";
    Dark: "Dark", "深色";
    SwitchTheme: "Light or dark", "浅色或深色";
    ShowKeys: "Keys", "快捷键";
    ShowLegend: "Legend", "图例";
    HoldL: "hold L", "按住 L";
    Close: "Close", "关闭";
    FullScreen: "Full screen", "全屏";
    Presenter: "Presenter", "演示";
    Fit: "Fit", "适合窗口";
    ZoomIn: "Zoom in", "放大";
    ZoomOut: "Zoom out", "缩小";
    ShowRoutine: "Routine traffic", "例行通信";
    Heartbeats: "Heartbeats", "心跳";
    EmptyPolls: "Answers to empty polls", "空拉取的应答";
    CommitAnswers: "Answers to commits", "提交的应答";
    CopyAnswers: "Answers to copies, and offsets for slaves", "副本的应答、给从的位点";
    Stage: "Stage", "舞台";
    // Playing.
    Play: "Play", "播放";
    Pause: "Pause", "暂停";
    NextEvent: "Next event", "下一事件";
    PreviousEvent: "Previous event", "上一事件";
    NextMark: "Next that matters", "下一要事";
    PreviousMark: "Previous that matters", "上一要事";
    Faster: "Faster", "加快";
    Slower: "Slower", "减慢";
    ToStart: "To the start", "回到开头";
    ToEnd: "To the end", "跳到结尾";
    EvenPace: "Even pace", "匀速观看";
    Rate: "1 s = {}", "1 秒 = {}";
    Seed: "seed {}", "种子 {}";
    Fingerprint: "fingerprint {}", "指纹 {}";
    Clock: "clock", "时钟";
    Scrubber: "Timeline", "时间轴";
    Note: "Note {}", "旁白 {}";
    GoToNote: "Go to note {}", "跳到旁白 {}";
    Computing: "running ahead", "正在预先运行";
    // Kinds of nodes.
    Nameserver: "nameserver", "NameServer";
    Broker: "broker", "Broker";
    Producer: "producer", "生产者";
    Consumer: "consumer", "消费者";
    Service: "service", "服务";
    Group: "consumer group", "消费者组";
    Topic: "topic", "主题";
    Queue: "queue", "队列";
    Message: "message", "消息";
    // Conditions.
    Idle: "idle", "空闲";
    NoOwner: "no owner", "无主";
    Down: "down", "宕机";
    Paused: "paused", "暂停";
    DiskFull: "disk full", "磁盘满";
    Cut: "cut", "断开";
    Twice: "twice", "重复";
    CutFrom: "cut off from {}", "与 {} 断开";
    Slow: "slow × {}", "变慢 × {}";
    JoinsLater: "from {}", "{} 加入";
    HasLeft: "has left", "已离开";
    NoRole: "no role yet", "尚无角色";
    Master: "master", "主";
    Slave: "slave", "从";
    Epoch: "epoch {}", "第 {} 任";
    Follows: "follows {}, {}", "跟随 {}，{}";
    JoiningIt: "asks {} to let it join, {}", "正在请求加入 {}，{}";
    LastEpoch: "its disk knows of {}", "磁盘上记着{}";
    LevelWith: "level with {}", "与 {} 一致";
    Knows: "knows {}", "已登记 {}";
    Lag: "lag", "堆积";
    Behind: "{} behind", "落后 {}";
    OnlyHere: "{} only here", "{} 条独有";
    KnowsNoMaster: "knows no master", "不知道谁是主";
    NobodyLeads: "no master", "没有主";
    Dropped: "dropped", "截断";
    Comma: ", ", "，";
    OutOfDate: "stale", "已过期";
    SetOf: "broker set {}", "主从组 {}";
    Storing: "{} waiting to be stored", "{} 条等待存储";
    Open: "{} unanswered", "{} 条未应答";
    Refused: "refused {}", "拒绝 {}";
    Rejected: "rejected {}", "被拒绝 {}";
    Waiting: "waiting {}", "排队 {}";
    Workers: "{} of {} workers", "工作线程 {}/{}";
    Threads: "{} of {} threads", "线程 {}/{}";
    Fetched: "fetched {}", "已取 {}";
    Retry: "retry", "重试";
    DeadLetters: "dead letters", "死信";
    PerSecond: "{} /s", "{} /秒";
    HeldPull: "held", "挂起";
    // The ledger.
    Accepted: "accepted", "已接收";
    Done: "done", "已完成";
    InProcess: "in process", "处理中";
    WaitingPlace: "waiting", "等待";
    DeadLettered: "dead", "死信";
    Expired: "expired", "过期";
    Skipped: "skipped", "跳过";
    Lost: "lost", "丢失";
    // Why something never arrived.
    LostByNetwork: "lost", "网络丢失";
    ReceiverDown: "receiver down", "对方宕机";
    ReceiverRestarted: "receiver restarted", "对方已重启";
    ReceiverAbsent: "nobody there", "对方不在";
    CutOff: "cut off", "网络断开";
    // The side panel.
    Lesson: "Lesson", "课程";
    Inspect: "Inspect", "查看";
    Expect: "Expect", "预期";
    Log: "Log", "日志";
    Charts: "Charts", "图表";
    Summary: "Watch · predict · try", "看 · 猜 · 试";
    Notes: "Notes", "旁白";
    NoNotes: "This scenario has no notes.", "这个场景没有旁白。";
    NothingSelected: "Click a node, a queue or a message on the stage.", "点击舞台上的节点、队列或消息。";
    Address: "address", "地址";
    State: "State", "状态";
    Believes: "What it believes", "它所相信的";
    BelievesNothing: "nothing yet", "还一无所知";
    Happened: "What happened to it", "它的经历";
    MasterOf: "master of {}", "{} 的主";
    NoMaster: "nobody", "无";
    Alive: "alive: {}", "存活：{}";
    MembersOf: "members of {}", "{} 的成员";
    AsOf: "heard {} ago", "{} 前得知";
    Owns: "owns", "拥有";
    OwnedBy: "read by {}", "由 {} 读取";
    Offsets: "offsets {} to {}", "位点 {} 到 {}";
    Committed: "committed {}", "已提交 {}";
    WholeLife: "Its whole life", "它的一生";
    LookingForIt: "looking for it …", "正在查找……";
    Expectations: "Expectations", "预期";
    NoExpectations: "This scenario expects nothing.", "这个场景没有写预期。";
    SoFar: "as things stand now", "按目前情况";
    AtTheEnd: "at the end", "结束时";
    Met: "met", "满足";
    Broken: "broken", "不满足";
    NoValue: "no value yet", "还没有值";
    Filter: "Filter", "过滤";
    NoRecords: "Nothing has happened yet.", "还什么都没发生。";
    GoThere: "Go to {}", "跳到 {}";
    // Charts.
    ChartOf: "{}: chart", "{}：图";
    ChartLag: "Lag by group", "各组堆积";
    ChartThroughput: "Throughput", "吞吐量";
    ChartResponse: "Response", "响应时间";
    ChartLatency: "Latency", "端到端延迟";
    ChartDepth: "Queue depth", "队列深度";
    ChartUtilization: "Utilization", "利用率";
    ChartLarger: "Over the stage", "放大到舞台上";
    ChartSmaller: "Small again", "恢复大小";
    ChartStretch: "in stretches of {}", "每段 {}";
    ChartMore: "and {} that are smaller", "以及 {} 个更小的";
    ChartPercentiles: "{}: p50, dashed p99", "{}：p50，虚线 p99";
    ChartSent: "sent to {}", "发往 {}";
    UnitMessages: "messages", "条消息";
    UnitPerSecond: "messages/s", "条/秒";
    UnitSeconds: "s", "秒";
    UnitMilliseconds: "ms", "毫秒";
    UnitPercent: "%", "%";
    SaveCharts: "Save charts as CSV", "图表另存为 CSV";
    SavedCharts: "Saved as {}.", "已保存为 {}。";
    SavedChartsSoFar: "Saved as {}, up to {}: the rest has not been run yet.", "已保存为 {}，只到 {}：其余部分尚未运行。";
    // Marks.
    MarkFault: "{}: fault", "{}：故障";
    MarkRelief: "{}: fault is over", "{}：故障结束";
    MarkChanged: "{}: setting changed", "{}：设置改变";
    MarkJoined: "{} joins", "{} 加入";
    MarkLeft: "{} leaves", "{} 离开";
    MarkDead: "{} declared dead", "{} 被判定死亡";
    MarkElected: "{} elected", "{} 当选";
    MarkTruncated: "{} drops the tail of its log", "{} 截断日志尾部";
    MarkRebalanced: "{} rebalanced", "{} 重平衡";
    MarkLost: "{}: messages lost", "{}：消息丢失";
    MarkDeadLetters: "{}: dead letters", "{}：死信";
    MarkRefused: "{}: refused", "{}：拒绝";
    MarkBroken: "{} is not as expected", "{} 不符合预期";
    MarkNote: "note {}", "旁白 {}";
    MarkQuestion: "question {}", "问题 {}";
    // Questions.
    Question: "Question", "问题";
    YourGuess: "Your guess", "你的猜测";
    Answer: "Answer", "回答";
    Answered: "You said {}.", "你猜 {}。";
    TheRunSays: "The run says: {}", "运行结果：{}";
    NotYetKnown: "The run goes on and will tell.", "继续运行，就会知道。";
    Continue: "Go on", "继续";
    Right: "Right.", "猜对了。";
    // Records.
    RecSent: "sends {} to {}", "发送 {} 到 {}";
    RecSentAgain: "sends {} to {}, attempt {}", "发送 {} 到 {}，第 {} 次";
    RecUnrouted: "knows no queue for {}", "{} 没有可用的队列";
    RecStored: "stores {} in {} at {}", "存储 {} 到 {}，位点 {}";
    RecReplicated: "has copied {} of {} at {}", "已复制 {}，{} 位点 {}";
    RecAccepted: "hears that {} is accepted", "得知 {} 已接收";
    RecRejected: "gives {} up", "放弃 {}";
    RecDropped: "{} to {} is lost on the way: {}", "发往 {1} 的{0}没有到达：{2}";
    RecAssigned: "works out its queues: {}", "算出自己的队列：{}";
    RecAssignedNone: "works out that no queue is its own", "算出自己没有队列";
    RecBegun: "{} begins to read {} at {}", "{} 从 {} 的位点 {} 开始读";
    RecHeld: "holds a pull of {} at {}", "挂起 {} 对 {} 的拉取";
    RecWoken: "answers the held pull of {} at {}", "唤醒 {} 对 {} 的拉取";
    RecDelivered: "hands out {} of {} to {}", "投递 {1} 的位点 {0} 给 {2}";
    RecStarted: "begins {}", "开始处理 {}";
    RecFinished: "has done {}", "处理完 {}";
    RecFailed: "fails at {}", "处理 {} 失败";
    RecDeduplicated: "passes over {}: done before", "跳过 {}：已处理过";
    RecCommitted: "{} is done with {} before {}", "{} 提交 {} 到位点 {}";
    RecDeleted: "deletes {} before {}", "删除 {} 位点 {} 之前";
    RecRetried: "{} comes again for {}", "{} 将由 {} 重试";
    RecDeadLettered: "{} is a dead letter of {}", "{} 进入 {} 的死信";
    RecLost: "{} is lost for {}", "{} 对 {} 丢失";
    RecExpired: "{} was too old for {}", "{} 对 {} 过期";
    RecSkipped: "{} lies before the beginning of {}", "{} 在 {} 的起点之前";
    RecTruncated: "drops {} of {}", "截断 {1} 的位点 {0}";
    RecRegistered: "registers {} at {}", "登记 {}，地址 {}";
    RecDeclaredDead: "declares {} dead", "判定 {} 死亡";
    RecElected: "is master of {}, epoch {}", "成为 {} 的主，第 {} 任";
    RecJoined: "starts", "启动";
    RecLeft: "leaves", "离开";
    RecCrashed: "crashes", "宕机";
    RecCrashedProcess: "crashes, only the process", "进程崩溃";
    RecWiped: "crashes, its disk is empty", "宕机，磁盘清空";
    RecRestarted: "is back", "恢复";
    RecPaused: "pauses", "暂停";
    RecResumed: "goes on", "继续";
    RecChanged: "{} = {}", "{} = {}";
    RecPartition: "partition: {}", "网络分区：{}";
    RecPartitionOver: "partition over: {}", "网络分区结束：{}";
    RecLink: "its link to {}", "链路到 {}";
    RecLinkOver: "its link to {} is as before", "链路到 {} 恢复";
    RecRepeat: "messages arrive twice, to and from {}", "消息重复到达：{}";
    RecRepeatOver: "messages to and from {} arrive once again", "与 {} 之间的消息不再重复";
    RecDiskFull: "its disk is full", "磁盘已满";
    RecDiskOver: "its disk has room again", "磁盘又有空间";
    RecCalled: "calls {} ({})", "调用 {}（{}）";
    RecAnswered: "has the answer of {} ({})", "得到 {} 的应答（{}）";
    RecRefused: "has no room for {}", "没有空位，拒绝 {}";
    RecUnanswered: "waits no longer for {} ({})", "不再等待 {}（{}）";
    RecServing: "works on {}", "处理调用 {}";
    RecServed: "has answered {}", "应答调用 {}";
    // What messages between nodes are about.
    WhatHeartbeat: "a heartbeat", "心跳";
    WhatRoute: "a route", "路由";
    WhatMembers: "a list of members", "成员列表";
    WhatRole: "a role", "角色";
    WhatCopy: "a copy for a slave", "给从的副本";
    WhatCopyAnswer: "a copy's answer", "副本的应答";
    WhatGoodbye: "a goodbye", "告别";
    WhatSend: "a message", "消息";
    WhatSendAnswer: "an answer", "应答";
    WhatLock: "a claim", "队列请求";
    WhatUnlock: "a release", "队列释放";
    WhatPull: "a pull", "拉取";
    WhatPullAnswer: "a delivery", "投递";
    WhatCommit: "a commit", "提交";
    WhatSettle: "a settlement", "结算";
    WhatCall: "a call", "调用";
    WhatCallAnswer: "an answer", "调用应答";
    WhatClosed: "a closed connection", "连接关闭";
    // By hand.
    DoSomething: "Do something to it", "对它动手";
    DoAt: "takes effect at {}", "{} 生效";
    DoLink: "Its link to {}", "它到 {} 的链路";
    Back: "Back", "返回";
    DoCrash: "Crash the host", "主机宕机";
    DoKill: "Kill the process", "杀掉进程";
    DoRestart: "Bring it back", "让它恢复";
    DoPause: "Pause", "暂停进程";
    DoResume: "Let it go on", "让它继续";
    DoSlow: "Slow it down, × 4", "变慢，× 4";
    DoQuick: "As quick as before", "恢复速度";
    DoSendOne: "Send one message", "发送一条消息";
    DoSendMany: "Send 100 at once", "一次发送 100 条";
    DoTwice: "Send twice as often", "发送频率加倍";
    DoHalf: "Send half as often", "发送频率减半";
    DoJoin: "One more like it", "再加一个同样的";
    DoJoinSet: "One more broker set like it", "再加一组同样的 Broker";
    NewCluster: "New cluster", "新建集群";
    EditFile: "Edit the file", "编辑文件";
    Edit: "Edit", "编辑";
    OneSlave: "Slave", "从节点";
    Form: "Settings", "设置";
    HeadOfFile: "The scenario", "场景";
    OneNameserver: "Nameserver", "名称服务器";
    OneBroker: "Broker set", "Broker 组";
    OneTopic: "Topic", "主题";
    OneService: "Service", "服务";
    OneProducer: "Producer", "生产者";
    OneGroup: "Group", "消费者组";
    OneConsumer: "Consumer", "消费者";
    TakeOut: "Remove", "移除";
    Lasts: "What breaks lasts", "故障持续";
    UntilEnded: "until ended", "直到手动结束";
    Seen: "seen", "看过";
    LeftOut: "not written", "未写明";
    NothingWrong: "Nothing is wrong: this is what runs", "没有问题：正在运行的就是它";
    Wrong: "{} to mend; the last sound text runs", "{} 处需要修改；正在运行的是上一份正确的文本";
    MendFirst: "Mend the text first: what is done by hand becomes a line of it", "请先修正文本：手动操作会成为其中的一行";
    NotToml: "The text is no TOML at the moment: mend it on the left.", "文本目前不是合法的 TOML：请先在左边修改。";
    NewerOnDisk: "The file has changed on disk.", "磁盘上的文件已经改变。";
    ReadAgain: "Read it again", "重新读取";
    ItsSettings: "Its settings", "它的设置";
    TakeOutOfFile: "Take it out of the file", "从文件中移除";
    DoLeave: "Let it leave", "让它离开";
    DoFill: "Fill its disk", "写满磁盘";
    DoMakeRoom: "Make room on its disk", "腾出磁盘空间";
    DoWipe: "Wipe its disk", "清空磁盘";
    DoCutOff: "Cut it off from everybody", "与所有人断开";
    DoCut: "Cut the link", "切断链路";
    DoCutOneWay: "Cut it one way, from here", "单向切断，从这里发出";
    DoSlowLink: "Make it slow, × 10", "链路变慢，× 10";
    DoBadLink: "Drop 30 % of all messages", "丢弃 30% 的消息";
    DoRepeatLink: "Let all messages arrive twice", "让消息重复到达";
    DoHeal: "Mend it", "修好";
    DoMend: "Mend {}", "修好 {}";
    Knobs: "From now on", "从现在起";
    KnobInterval: "between two messages", "发送间隔";
    KnobServiceTime: "for each message", "处理一条所需";
    KnobStoreTime: "to store a message", "存一条所需";
    KnobThreads: "threads", "线程数";
    KnobWorkers: "workers", "工作线程数";
    KnobFailures: "fails with", "失败概率";
    WhyOver: "the run is over", "运行已经结束";
    WhyStopped: "producers have stopped: nothing breaks any more", "生产者已经停止：不会再出故障";
    WhyNotYet: "it has not started yet", "它还没有启动";
    WhyDown: "it is down", "它已经宕机";
    WhyLeft: "it has left", "它已经离开";
    WhyPaused: "it is paused already", "它已经暂停";
    WhyFull: "it is full already", "磁盘已经满了";
    WhySendsNot: "it does not send at this time", "它现在不发送消息";
    WhyNot: "That would change nothing now.", "现在做什么也不会改变。";
    Branches: "Branches", "分支";
    TheFile: "as the file has it", "文件原样";
    NextBranch: "Next branch", "下一分支";
    PreviousBranch: "Previous branch", "上一分支";
    Running: "running up to here", "正在运行到这里";
    Save: "Save as scenario", "另存为场景";
    SaveAs: "File", "文件";
    SaveIt: "Save", "保存";
    Saved: "Saved as {}. `queuescope run` repeats it.", "已保存为 {}。用 queuescope run 可以重放。";
    SavedUnsound: "Saved as {}, as it stands. It runs when what is wrong with it is mended ({} to mend).", "已原样保存为 {}。还有 {} 处需要修改，改好后才能运行。";
    SavesUnsound: "{} to mend: it is saved as it stands, and runs when that is mended.", "还有 {} 处需要修改：将原样保存，改好后才能运行。";
    NotInIt: "The text that is not sound is not in it: Ctrl E shows that.", "尚未改好的文本不在其中：按 Ctrl E 查看。";
    Palette: "All commands", "全部命令";
    PaletteHint: "Type a few letters, then Enter", "输入几个字，再按回车";
    NothingFound: "Nothing is called that.", "没有这样的命令。";
    // Trouble.
    CannotRead: "{} cannot be read", "无法读取 {}";
    LimitPassed: "The run stopped at a limit: {}", "运行在限制处停止：{}";
    // The legend.
    LegendMessage: "a message", "一条消息";
    LegendAnswer: "an answer", "应答";
    LegendDelivery: "messages delivered, in the group's colour", "投递中的消息，用消费者组的颜色";
    LegendCommit: "a commit pulls the flag", "提交会拉动旗标";
    LegendTape: "the queue: oldest at the consumers' side", "队列：最旧的靠近消费者";
    LegendFlag: "flag: committed offset; the line behind it is the lag", "旗标：已提交位点；后面的线就是堆积";
    LegendHeld: "a held pull: answered when a message comes", "挂起的拉取：有消息时 Broker 才应答";
    LegendRing: "ring: how much of the work is done", "圆环：处理进度";
    LegendOpen: "open rings: sent and not answered", "空心环：已发送、未应答";
    LegendCrown: "crown: master, with its epoch", "王冠：主，以及第几任";
    LegendStale: "dotted frame: stale, and does not know it", "点线框：已经过期，自己却不知道";
    LegendSlave: "thin line: a slave; the gap is at risk", "细线：从；缺口是宕机会丢的";
    LegendCut: "scissors: nothing passes", "剪刀：什么也过不去";
    LegendBelief: "dotted line: what is only believed", "点线：只是相信如此";
    LegendFault: "vermilion: loss, fault, broken expectation", "朱红：丢失、故障、预期不满足";
    LegendScale: "× 10: each cell stands for ten messages", "× 10：一格代表十条消息";
    LegendCall: "a call", "一次调用";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_order_and_both_languages_have_the_same_places() {
        assert_eq!(fill("{} of {}", &["1", "2"]), "1 of 2");
        assert_eq!(fill("{1} {0}!", &["world", "hello"]), "hello world!");
        assert_eq!(fill("none", &["1"]), "none");
        let places = |word: &Word, language| word.text(language).matches('{').count();
        let uneven: Vec<&Word> = Word::ALL
            .iter()
            .filter(|word| places(word, Language::English) != places(word, Language::Chinese))
            .collect();
        assert_eq!(uneven, [] as [&Word; 0]);
    }
}
