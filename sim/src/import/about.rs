//! The topic of a route, the group of a progress: names that an output does not print itself. It knows command
//! lines and names of files, not outputs.

/// Subcommands that people put into the names of files.
const COMMANDS: &[&str] = &[
    "topicRoute",
    "topicStatus",
    "topicList",
    "topicClusterList",
    "clusterList",
    "consumerProgress",
    "consumerConnection",
    "brokerConsumeStats",
    "statsAll",
    "getBrokerConfig",
    "kafka-consumer-groups-describe",
    "kafka-consumer-groups",
    "kafka-topics-describe",
    "kafka-topics",
];

/// The name of a topic or of a group, and whether it is that of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) is_of_the_file: bool,
}

/// The subjects of the outputs of a file: names that an output does not print itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct About {
    /// The options of the command line above the output.
    pub(super) topic: Option<String>,
    pub(super) group: Option<String>,
    /// The file's name without folder and ending, for the first output that needs it.
    file: Option<String>,
}

impl About {
    pub(super) fn of_file(path: &str) -> Self {
        let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
        // `broker-a.properties`, but also `orders.v2.json`
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let stem = without_command(stem);
        Self { file: (!matches!(stem, "" | "-" | "stdin")).then(|| stem.to_owned()), ..Self::default() }
    }

    /// The topic of a route. A name is used once: another output needs another command line.
    pub(super) fn topic(&mut self) -> Option<Subject> {
        let from_command = self.topic.take().map(|name| Subject { name, is_of_the_file: false });
        from_command.or_else(|| self.file())
    }

    /// The name of the file, for the first output that needs it.
    pub(super) fn file(&mut self) -> Option<Subject> {
        self.file.take().map(|name| Subject { name, is_of_the_file: true })
    }

    /// Whether the file is named after something of that name.
    pub(super) fn is_named_after(&self, name: &str) -> bool {
        self.file.as_deref() == Some(name)
    }
}

/// `orders` of `topicRoute-orders`, nothing of `topicRoute`.
fn without_command(stem: &str) -> &str {
    const SIGNS: [char; 5] = ['-', '_', '.', ' ', '@'];
    for command in COMMANDS {
        let rest = stem.strip_prefix(command).filter(|rest| rest.is_empty() || rest.starts_with(SIGNS));
        let rest = rest.or_else(|| stem.strip_suffix(command).filter(|rest| rest.ends_with(SIGNS)));
        if let Some(rest) = rest {
            return rest.trim_matches(SIGNS);
        }
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_what_its_output_is_about() {
        let names = [
            ("routes/orders.json", Some("orders")),
            ("C:\\rmq\\orders.v2.txt", Some("orders.v2")),
            ("topicRoute-orders.txt", Some("orders")),
            ("orders.topicRoute.json", Some("orders")),
            ("consumerProgress_order-service.txt", Some("order-service")),
            ("topicRoute.txt", None),
            ("topicRoutes.txt", Some("topicRoutes")),
            ("-", None),
            ("", None),
        ];
        for (path, name) in names {
            assert_eq!(About::of_file(path).topic().map(|subject| subject.name).as_deref(), name, "{path}");
        }
    }

    #[test]
    fn the_command_line_counts_more_than_the_file_and_each_counts_once() {
        let mut about = About { topic: Some("a".to_owned()), ..About::of_file("b.txt") };
        let next = |about: &mut About| about.topic().map(|subject| (subject.name, subject.is_of_the_file));
        assert_eq!(next(&mut about), Some(("a".to_owned(), false)));
        assert!(about.is_named_after("b"));
        assert_eq!([next(&mut about), next(&mut about)], [Some(("b".to_owned(), true)), None]);
    }
}
