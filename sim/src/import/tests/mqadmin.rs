//! The outputs of `mqadmin`, as 5.3.3 prints them and in the shapes of 4.x, and what is read from each.

use super::{assert_known, known, sample, scenario_of};

#[test]
fn a_cluster_list_has_masters_slaves_and_rates() {
    assert_known(&[sample!("clusterList.txt")], "set broker-x: 2, 24.78/s\n set broker-y: 1, 30.27/s");
    assert_known(&[sample!("clusterList-4.txt")], "set store-1: 2, 120.50/s\n set store-2: 1, 0.00/s");
    // A decimal comma, where the machine's language has one.
    let (name, list) = sample!("clusterList.txt");
    assert_known(&[(name, &list.replace("24.78(", "24,78("))], "set broker-x: 2, 24.78/s\n set broker-y: 1, 30.27/s");
}

#[test]
fn totals_have_replicas_and_a_mean_rate_which_counts_only_where_the_present_one_is_not_known() {
    let (name, totals) = sample!("clusterList-m.txt");
    let busy = totals.replacen(
        "             0              0           1303",
        "      86400000              0           1303",
        1,
    );
    assert_known(&[(name, &busy)], "set broker-x: 2, 1000.00/s\n set broker-y: 1, 0.00/s");
    // Twice the same, as `-i` prints it.
    let both = format!("{busy}{busy}");
    let files = [sample!("clusterList.txt"), ("m.txt", both.as_str())];
    assert_known(&files, "set broker-x: 2, 24.78/s\n set broker-y: 1, 30.27/s");
}

#[test]
fn a_list_of_topics_names_clusters_and_brokers_too() {
    let expected = "set broker-x: 0\n set broker-y: 0\n topic C:\n topic C_REPLY_TOPIC:\n topic audit-evt_v2:\n topic broker-x:\n \
                    topic broker-y:\n topic invoices:\n topic trades:";
    assert_known(&[sample!("topicList.txt")], expected);
    let text = scenario_of(&[sample!("topicList.txt")]);
    let topics: Vec<&str> = text.lines().filter(|line| line.starts_with("topic = ")).collect();
    assert_eq!(topics, ["topic = \"audit-evt_v2\"", "topic = \"invoices\"", "topic = \"trades\""]);
    assert!(text.contains("title = \"C\"\n"), "{text}");
}

#[test]
fn lists_of_topics_with_groups_are_read_in_both_widths() {
    let expected = "topic refunds:\n topic trades:\n group bookie: ?, trades\n group trade-service: ?, trades";
    for sample in [sample!("topicList-c-4.txt"), sample!("squeezed-topicList-c.txt")] {
        assert_known(&[sample], expected);
    }
    let five = known(&[sample!("topicList-c.txt")]);
    for line in [
        "topic trades:\n",
        "group bookie: ?, invoices\n",
        "group trade-service: ?, trades\n",
        "group trades: ?, trades\n",
    ] {
        assert!(five.contains(line), "{line} in\n{five}");
    }
    assert!(!five.contains("group C"), "{five}");
}

#[test]
fn a_route_has_the_queues_of_each_broker_set() {
    let expected = "set broker-x: 2\n set broker-y: 1\n topic trades: broker-x=4 broker-y=4";
    assert_known(&[sample!("topicRoute-trades.json")], expected);
    let (_, list) = sample!("topicRoute-l.txt");
    assert_known(&[("trades.txt", list)], expected);
    let with_command = format!("$ sh mqadmin topicRoute -l -t trades\n{list}");
    assert_known(&[("-", &with_command)], expected);
    let (_, route) = sample!("topicRoute-trades.json");
    let without_writing =
        route.replacen("\"perm\":6", "\"perm\":4", 1).replacen("\"writeQueueNums\":4", "\"writeQueueNums\":2", 1);
    let expected = "set broker-x: 2\n set broker-y: 1\n topic trades: broker-x=4 broker-y=2/4!";
    assert_known(&[("trades.json", &without_writing)], expected);
}

#[test]
fn the_status_of_a_topic_has_its_queues_and_a_list_of_clusters_is_of_its_topic() {
    assert_known(
        &[sample!("topicStatus-trades.txt")],
        "set broker-x: 0\n set broker-y: 0\n topic trades: broker-x~4 broker-y~4",
    );
    let (_, status) = sample!("topicStatus-trades.txt");
    let busy =
        format!("mqadmin topicStatus -t trades\n{}", status.replace("Put TPS: 0.0", "Put TPS: 9.341592566689979"));
    assert_known(&[("-", &busy)], "set broker-x: 0\n set broker-y: 0\n topic trades: broker-x~4 broker-y~4, 9.34/s");
    let (_, clusters) = sample!("topicClusterList.txt");
    let with_command = format!("$ mqadmin topicClusterList -t trades -n x\n{clusters}");
    let both = scenario_of(&[("a.txt", &with_command), sample!("topicList.txt")]);
    assert!(both.contains("title = \"C\"\n") && !both.contains("name = \"C\"\n"), "{both}");
}

#[test]
fn stats_have_the_rates_of_topics_and_the_lags_of_their_groups() {
    let all = known(&[sample!("statsAll.txt")]);
    for line in [
        "topic trades:, 9.13/s\n",
        "topic audit-evt_v2:, 0.00/s\n",
        "topic invoices:, 1.15/s\n",
        "group trade-service: ?, trades 3359\n",
        "group invoices: ?, invoices 400\n",
        "group bookie: ?, invoices 0\n",
    ] {
        assert!(all.contains(line), "{line} in\n{all}");
    }
    let text = scenario_of(&[sample!("statsAll.txt")]);
    assert!(text.contains("# 9.13 messages a second, as given"), "{text}");
    assert!(text.contains("so that there is something to see: nothing was sent then"), "{text}");
}

#[test]
fn a_list_of_groups_has_the_number_of_consumers() {
    assert_known(&[sample!("consumerProgress.txt")], "group bookie: 1\n group invoice_svc: 1\n group trade-service: 2");
    for sample in [sample!("consumerProgress-4.txt"), sample!("squeezed-consumerProgress.txt")] {
        assert_known(&[sample], "group bookie: 0\n group trade-service: 3");
    }
    let (name, list) = sample!("consumerProgress-4.txt");
    let broadcasting = list.replace("CLUSTERING  ", "BROADCASTING");
    assert_known(&[(name, &broadcasting)], "group bookie: 0\n group trade-service: 3 broadcasting");
}

#[test]
fn a_progress_has_the_topics_of_a_group_and_its_lag() {
    let expected =
        "set broker-x: 0\n set broker-y: 0\n topic trades: broker-x~4 broker-y~4\n group trade-service: ?, trades 3571";
    let (_, progress) = sample!("consumerProgress-trade-service.txt");
    for name in ["consumerProgress-trade-service.txt", "x.txt", "-"] {
        assert_known(&[(name, progress)], expected);
    }
    let (_, progress) = sample!("progress-4.txt");
    let expected = "set store-1: 0\n set store-2: 0\n topic trades: store-1~4 store-2~1\n group trade-service: ? on 2 hosts, trades 110";
    assert_known(&[("x.txt", progress)], expected);
    // Without a topic of retries it is the file that says whose it is, or the command.
    let unnamed = progress.replace("%RETRY%trade-service", "refunds");
    assert!(known(&[("p/billing.txt", &unnamed)]).contains("group billing: ? on 2 hosts, refunds 0, trades 110\n"));
    let with_command = format!("mqadmin consumerProgress --groupName=clearing\n{unnamed}");
    assert!(known(&[("p/billing.txt", &with_command)]).contains("group clearing: ?"));
}

#[test]
fn a_group_that_pops_is_not_named_after_its_topic() {
    let row = |topic: &str| format!("{topic}  b  0  3  3  0  0  2026-06-07 02:49:41\n");
    let header = "#Topic  #Broker Name  #QID  #Broker Offset  #Consumer Offset  #Diff  #Inflight  #LastTime\n";
    let table = |topics: &[&str]| topics.iter().fold(header.to_owned(), |table, topic| table + &row(topic));
    let group = |name: &str, topics: &[&str]| {
        let known = known(&[(name, &table(topics))]);
        known
            .lines()
            .find_map(|line| line.strip_prefix("group "))
            .map(|line| line[..line.find(':').unwrap_or(0)].to_owned())
    };
    assert_eq!(group("grp/Pay.txt", &["%RETRY%Pay_Orders", "Orders"]).as_deref(), Some("Pay"));
    assert_eq!(group("-", &["%RETRY%Pay+Orders", "Orders"]).as_deref(), Some("Pay"));
    assert_eq!(group("-", &["%RETRY%Pay", "%RETRY%Pay_Orders", "Orders"]).as_deref(), Some("Pay"));
    assert_eq!(group("-", &["%RETRY%Pay_Orders", "%RETRY%Pay_Refunds", "Orders", "Refunds"]).as_deref(), Some("Pay"));
    // Where it cannot be told, the scenario says so.
    assert_eq!(group("-", &["%RETRY%Pay_Orders", "Orders"]).as_deref(), Some("Pay_Orders"));
    assert!(scenario_of(&[("-", &table(&["%RETRY%Pay_Orders", "Orders"]))]).contains("or `Pay`, if its consumers pop"));
    // 5.x lists the topic of retries of a pop as if it were a group.
    let list = "#Group  #Count  #Version  #Type  #Model  #TPS  #Diff Total\nPay  2  V5_3_0  PUSH  CLUSTERING  0  0\n\
                Pay_Orders  0  OFFLINE  0  0\n";
    let both = scenario_of(&[("g.txt", list), ("Pay.txt", &table(&["%RETRY%Pay_Orders", "Orders"]))]);
    assert!(both.contains("lists as if they were groups: `Pay_Orders`\n"), "{both}");
}

#[test]
fn the_stats_of_each_broker_are_one_lag() {
    let expected = "set broker-x: 0\n topic trades: broker-x~4\n group trade-service: ?, trades 1692";
    assert_known(&[sample!("brokerConsumeStats.txt")], expected);
    let (name, stats) = sample!("brokerConsumeStats.txt");
    let other = stats.replace("broker-x", "broker-y");
    let both = format!("{stats}{other}");
    let expected =
        "set broker-x: 0\n set broker-y: 0\n topic trades: broker-x~4 broker-y~4\n group trade-service: ?, trades 3384";
    assert_known(&[(name, &both)], expected);
    // The same once more is no more.
    assert_known(&[(name, &both), (name, stats)], expected);
}

#[test]
fn a_connection_has_the_number_of_consumers_and_their_topics() {
    assert_known(&[sample!("consumerConnection.txt")], "topic trades:\n group trade-service: 2, trades");
    let (_, connection) = sample!("consumerConnection.txt");
    let with_command =
        format!("sh mqadmin consumerConnection -n x -g clearing\n{}", connection.replace("CLUSTERING", "BROADCASTING"));
    assert_known(&[("-", &with_command)], "topic trades:\n group clearing: 2 broadcasting, trades");
    // Producers are printed in the same columns.
    let producers =
        format!("mqadmin producerConnection -g p -t trades\n{}", connection.split("Below").next().unwrap_or(""));
    assert_known(&[("-", &producers), ("t", "trades\n")], "topic trades:");
    let first = scenario_of(&[sample!("consumerConnection.txt")]);
    assert!(!first.contains("CONSUME_FROM"), "{first}");
    let last = connection.replace("FIRST_OFFSET", "LAST_OFFSET");
    assert!(scenario_of(&[("c", &last)]).contains("CONSUME_FROM_LAST_OFFSET in life"));
}

#[test]
fn the_settings_of_brokers_have_their_roles() {
    let master = "set store-1: 1, sync, flushes async";
    assert_known(&[sample!("broker.conf")], master);
    let both = [sample!("broker.conf"), sample!("store-1-s.properties")];
    assert_known(&both, "set store-1: 2, sync, flushes async");
    // Two files in one, as `cat` shows them.
    let cat = both.iter().fold(String::new(), |all, (_, text)| all + text);
    assert_known(&[("-", &cat)], "set store-1: 2, sync, flushes async");
    assert_known(&[sample!("getBrokerConfig.txt")], "set broker-y: 1, sync, flushes sync");
    let text = scenario_of(&[sample!("getBrokerConfig.txt"), sample!("clusterList.txt")]);
    assert!(text.contains("replication = \"sync\"\nflush = \"sync\"\n"), "{text}");
    assert!(text.contains("# SYNC_MASTER with inSyncReplicas = 1 in life"), "{text}");
    let dledger = "brokerName = raft-1\nenableDLegerCommitLog = true\ndLegerPeers = n0-a:40911;n1-b:40911;n2-c:40911\n";
    assert_known(&[("-", dledger)], "set raft-1: 3, sync");
    // A broker without a name is called as its file.
    assert_known(&[("conf/store-9.conf", "brokerRole=ASYNC_MASTER\n")], "set store-9: 1, async");
    // Settings of a group are no broker's.
    let config = sample!("getConsumerConfig.txt");
    assert_known(&[config, ("t", "trades\n")], "topic trades:");
}

#[test]
fn a_cut_name_is_completed_where_only_one_name_begins_so() {
    let long = "order-service-of-the-european-shops";
    let row =
        |group: &str| format!("{group:<32}  3       V4_9_4                   PUSH   CLUSTERING      118      1204\n");
    let header = "#Group                            #Count  #Version                 #Type  #Model          #TPS     #Diff Total\n";
    let groups = format!("{header}{}", row(&long[..32]));
    let lists = format!("#Cluster Name         #Topic   #Consumer Group\nc  orders  {long}\n");
    assert_known(&[("g.txt", &groups), ("l.txt", &lists)], &format!("topic orders:\n group {long}: 3, orders"));
    // With two it is not clear which.
    let two = format!("{lists}c  orders  {long}-too\n");
    assert!(known(&[("g.txt", &groups), ("l.txt", &two)]).contains(&format!("group {}: 3\n", &long[..32])));
    assert!(scenario_of(&[("g.txt", &groups)]).contains("the name may be longer: mqadmin cuts it"));
    // A cluster, a topic and a broker are cut, too.
    let cluster = "the-cluster-of-all-european-shops";
    let topic = "topic-of-the-european-shops-that-sell-shoes-and-hats";
    let list = format!(
        "#Cluster Name         #Topic                                            #Consumer Group\n{:<20}  {:<48}  {:<48}\n",
        &cluster[..20],
        &topic[..48],
        "g"
    );
    let brokers =
        format!("#Cluster Name #Broker Name #BID #Addr #Version #InTPS(LOAD)\n{cluster} b 0 1:1 V4 1.00(0,0ms)\n");
    let whole = scenario_of(&[("l", &list), ("c", &brokers), ("t", &format!("TBW102\n{topic}\n"))]);
    assert!(whole.contains(&format!("title = \"{cluster}\"")) && !whole.contains("may be longer"), "{whole}");
}

#[test]
fn no_name_is_cut_where_the_distances_are_not_those_that_were_printed() {
    let list = "#Cluster Name         #Topic  #Consumer Group\nC  pay  billing-v2\n";
    for table in [
        "#Group   #Count  #Version  #Type  #Model      #TPS  #Diff Total\nbilling  2       V4_9_4    PUSH   CLUSTERING  118   0\n",
        "#Group #Count #Version #Type #Model #TPS #Diff Total\nbilling 2 V4_9_4 PUSH CLUSTERING 118 0\n",
        "#Group   #Count  #Version  #Type  #Model      #TPS  #Diff  Total\nbilling  2       V4_9_4    PUSH   CLUSTERING  118   0\n",
    ] {
        assert_known(&[("g", table), ("l", list)], "topic pay:\n group billing: 2\n group billing-v2: ?, pay");
    }
    // As long as 4.x would cut it, and still whole: `column -t` made the column as wide as the name.
    let long = "a-group-of-just-32-characters-ok";
    let squeezed = format!(
        "{:<32}  #Count  #Version  #Type  #Model      #TPS  #Diff  Total\n{long}  2       V4_9_4    PUSH   CLUSTERING  118   0\n",
        "#Group"
    );
    assert_known(
        &[("g", &squeezed), ("l", &format!("#Cluster Name         #Topic  #Consumer Group\nC  pay  {long}-too\n"))],
        &format!("topic pay:\n group {long}: 2\n group {long}-too: ?, pay"),
    );
    // As long, and in the wider column of 5.x.
    let wide = format!(
        "{:<64}  #Count  #Version                 #Type  #Model          #TPS     #Diff Total\n{long:<64}  2       V5_3_0                   PUSH   CLUSTERING      118      0\n",
        "#Group"
    );
    assert!(
        known(&[("g", &wide), ("l", &format!("#Cluster Name         #Topic  #Consumer Group\nC  pay  {long}-too\n"))])
            .contains(&format!("group {long}: 2\n"))
    );
}
