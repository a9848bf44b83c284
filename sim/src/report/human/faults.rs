//! Faults that made no difference, in the report for people. That one begins or ends is told with all else that happened.

use super::{BETWEEN, FAINT, Page};
use crate::plan::{Fault, Rule};
use crate::report::table::{TextCell, TextTable};
use crate::report::words::ReportWord;
use crate::words::figure::moment;

impl Page<'_> {
    /// The faults that the plan has and that have made no difference: they struck nobody, or nobody felt them.
    pub(super) fn idle_faults(&mut self) {
        let plan = self.plan;
        let mut table = TextTable::default();
        for fault in self.report.idle_faults.iter().map(|fault| &plan.faults[*fault]) {
            let place = match &fault.fault {
                Fault::Wire(wire) => wire.links.text(plan),
                other => plan.name(other.node()).to_owned(),
            };
            let until = plan.end_of(fault).map(|end| format!("– {}", moment(end))).unwrap_or_default();
            table.row([
                TextCell::figure(moment(fault.at)),
                TextCell::text(until).styled(FAINT),
                TextCell::text(self.say(idle_word(&fault.fault), &[&place])).styled(BETWEEN),
            ]);
        }
        self.section(ReportWord::IdleFaults, &table);
    }
}

const fn idle_word(fault: &Fault) -> ReportWord {
    match fault {
        Fault::Crash { .. } => ReportWord::IdleCrash,
        Fault::Pause { .. } => ReportWord::IdlePause,
        Fault::Slow { .. } => ReportWord::IdleSlow,
        Fault::DiskFull { .. } => ReportWord::IdleDiskFull,
        Fault::Wipe { .. } => ReportWord::IdleWipe,
        Fault::Wire(wire) => match wire.rule {
            Rule::Cut => ReportWord::IdlePartition,
            Rule::Change { .. } => ReportWord::IdleLink,
            Rule::Repeat { .. } => ReportWord::IdleRepeat,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Colour, Manner, human};
    use crate::words::Language;

    /// The report of a scenario, in both languages.
    fn report_of(text: &str) -> [String; 2] {
        let plan = std::sync::Arc::new(crate::scenario::read("x.toml", text).expect("a sound scenario"));
        let report = crate::run::run(std::sync::Arc::clone(&plan), 1).expect("no limit is passed");
        Language::ALL.map(|language| human(&report, &plan, &Manner { language, colour: Colour::Plain, path: "x.toml" }))
    }

    const SHOP: &str = "title = \"x\"\nduration = \"9s\"\n[[brokers]]\nname = \"b\"\n[[services]]\nname = \"db\"\n\
        [[topics]]\nname = \"t\"\nqueues = { b = 1 }\n[[producers]]\nname = \"shop\"\ntopic = \"t\"\n\
        interval = \"100ms\"\n";

    #[test]
    fn a_name_is_never_taken_for_the_state_of_a_fault() {
        let fault = |what: &str| format!("[[faults]]\nat = \"2s\"\nfor = \"1s\"\n{what}\n");
        for name in ["as before", "x: as before", "full", "latency 9ms"] {
            let faults = [
                fault(&format!("kind = \"partition\"\nsides = [[\"shop\"], [\"{name}\"]]")),
                fault(&format!("kind = \"link\"\nbetween = [\"shop\", \"{name}\"]\nloss = 0.5")),
                fault(&format!("kind = \"disk_full\"\nnode = \"{name}\"")),
            ];
            let shop = SHOP
                .replace("name = \"b\"", &format!("name = \"{name}\""))
                .replace("b = 1", &format!("\"{name}\" = 1"));
            let [report, _] = report_of(&format!("{shop}{}", faults.concat()));
            for (second, words) in [
                (2, format!("partition: shop | {name}")),
                (3, format!("partition over: shop | {name}")),
                (2, format!("link shop – {name}: loss 0.5")),
                (3, format!("link shop – {name} is as before")),
                (2, format!("{name}: its disk is full")),
                (3, format!("{name}: its disk has room again")),
            ] {
                let told = report.lines().filter(|line| line.trim_end().ends_with(&format!("  {words}")));
                let at: Vec<&str> = told.filter_map(|line| line.split_whitespace().next()).collect();
                assert_eq!(at, [second.to_string()], "{words}: {report}");
            }
        }
    }

    #[test]
    fn a_fault_that_makes_no_difference_is_named_and_one_that_bites_is_not() {
        let fault = |what: &str| format!("[[faults]]\nat = \"2s\"\nfor = \"1s\"\n{what}\n");
        let idle = [
            ("kind = \"pause\"\nnode = \"db\"", "pause: db", "暂停：db"),
            ("kind = \"slow\"\nnode = \"b\"\nfactor = 1", "slow: b", "变慢：b"),
            (
                "kind = \"partition\"\nsides = [[\"b\", \"shop\"], [\"db\"]]",
                "partition: b, shop | db",
                "网络分区：b, shop | db",
            ),
            ("kind = \"link\"\nbetween = [\"shop\", \"db\"]\nloss = 1", "link: shop – db", "链路：shop – db"),
        ];
        for (what, en, zh) in idle {
            let [english, chinese] = report_of(&format!("{SHOP}{}", fault(what)));
            let row = |report: &str, heading: &str| {
                let mut lines = report.lines().skip_while(|line| *line != heading);
                lines.nth(1).map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "))
            };
            let named = |words: &str| Some(format!("2 s – 3 s {words}"));
            assert_eq!(row(&english, "Faults that made no difference"), named(en));
            assert_eq!(row(&chinese, "没有影响的故障"), named(zh));
        }
        let twice = format!("{0}{0}", fault("kind = \"crash\"\nnode = \"b\""));
        let [report, _] = report_of(&format!("{SHOP}{twice}"));
        assert_eq!(report.matches("crash: b").count(), 1, "the second of them: {report}");
        let bite =
            ["kind = \"wipe\"\nnode = \"b\"", "kind = \"disk_full\"\nnode = \"b\"", "kind = \"crash\"\nnode = \"b\""];
        for what in bite {
            let reports = report_of(&format!("{SHOP}{}", fault(what)));
            assert!(
                !reports[0].contains("no difference") && !reports[1].contains("没有影响"),
                "{what}: {}",
                reports[0]
            );
        }
    }

    #[test]
    fn faults_of_links_and_disks_are_told_in_both_languages() {
        let faults = "[[faults]]\nat = \"1s\"\nfor = \"1s\"\nkind = \"partition\"\nsides = [[\"shop\"], [\"b\"]]\n\
            [[faults]]\nat = \"3s\"\nfor = \"1s\"\nkind = \"link\"\nbetween = [\"shop\", \"b\"]\nlatency = \"9ms\"\n\
            [[faults]]\nat = \"5s\"\nfor = \"1s\"\nkind = \"disk_full\"\nnode = \"b\"\n\
            [[faults]]\nat = \"7s\"\nfor = \"1s\"\nkind = \"wipe\"\nnode = \"b\"\n";
        let [english, chinese] = report_of(&format!("{SHOP}{faults}"));
        let told = |report: &str, words: [&str; 7]| {
            let missing: Vec<&str> = words
                .into_iter()
                .filter(|words| !report.lines().any(|line| line.ends_with(&format!("  {words}"))))
                .collect();
            assert_eq!(missing, [""; 0], "in {report}");
        };
        told(
            &english,
            [
                "partition: shop | b",
                "partition over: shop | b",
                "link shop – b: latency 9ms",
                "link shop – b is as before",
                "b: its disk is full",
                "b: its disk has room again",
                "b crashes, its disk is empty",
            ],
        );
        told(
            &chinese,
            [
                "网络分区：shop | b",
                "网络分区结束：shop | b",
                "链路 shop – b: latency 9ms",
                "链路 shop – b 恢复",
                "b：磁盘已满",
                "b：磁盘又有空间",
                "b 宕机，磁盘清空",
            ],
        );
    }
}
