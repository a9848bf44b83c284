//! Command lines in pasted text: which program was called with which command, and the topic and group that its options
//! give to the output below. It knows the commands, not the formats of their output.

use super::paste::PasteLine;
use super::prompt;

/// Long options that may follow a single dash: `-topic` is not the option `-t` with the value `opic`.
const LONG_OPTIONS: &[&str] = &[
    "topic",
    "topicName",
    "timeoutMillis",
    "groupName",
    "consumerGroup",
    "cluster",
    "clusterName",
    "brokerAddr",
    "group",
];

/// The output that a command prints.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Prints {
    /// An output that the importer recognises by its shape, whatever command printed it.
    Shape,
    /// Names, one on each line.
    Names(NamesOf),
    /// The connections of consumers. Only the command tells them from those of producers, which have the same shape.
    Consumers,
    /// An output in no known format. Holds the beginning of the command line, for messages about it.
    Unknown(String),
}

/// The things whose names a printed list contains.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NamesOf {
    Topics,
    Groups,
    /// The clusters that hold a topic.
    Clusters,
}

/// A recognised command line: what it prints, and the topic and the group for which it was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct CalledCommand {
    pub(super) prints: Prints,
    pub(super) topic: Option<String>,
    pub(super) group: Option<String>,
}

/// A command that the importer knows, with the names of its options for a topic and for a group.
struct KnownCommand {
    name: &'static str,
    prints: Prints,
    topic: &'static [&'static str],
    group: &'static [&'static str],
}

const fn known(
    name: &'static str,
    prints: Prints,
    topic: &'static [&'static str],
    group: &'static [&'static str],
) -> KnownCommand {
    KnownCommand { name, prints, topic, group }
}

/// From the classes `*SubCommand` of the module `tools` of `apache/rocketmq`, 4.0 to 5.3: `commandName` and
/// `buildCommandlineOptions`. The option `-t` of `brokerConsumeStats` is a timeout, so it is not listed.
const MQADMIN: &[KnownCommand] = &[
    known("clusterList", Prints::Shape, &[], &[]),
    known("topicList", Prints::Names(NamesOf::Topics), &[], &[]),
    known("topicRoute", Prints::Shape, &["t", "topic"], &[]),
    known("topicStatus", Prints::Shape, &["t", "topic"], &[]),
    known("topicClusterList", Prints::Names(NamesOf::Clusters), &["t", "topic"], &[]),
    known("statsAll", Prints::Shape, &["t", "topic"], &[]),
    known("consumerProgress", Prints::Shape, &["t", "topicName"], &["g", "groupName"]),
    known("consumerConnection", Prints::Consumers, &[], &["g", "consumerGroup"]),
    known("brokerConsumeStats", Prints::Shape, &[], &[]),
    known("getBrokerConfig", Prints::Shape, &[], &[]),
];

/// From `ConsumerGroupCommandOptions` and `TopicCommand` of `apache/kafka`, 0.9 to 4.1. The command is an option
/// like any other.
const KAFKA_GROUPS: &[KnownCommand] = &[
    known("--describe", Prints::Shape, &["topic"], &["group"]),
    known("--list", Prints::Names(NamesOf::Groups), &[], &[]),
];
const KAFKA_TOPICS: &[KnownCommand] =
    &[known("--describe", Prints::Shape, &["topic"], &[]), known("--list", Prints::Names(NamesOf::Topics), &[], &[])];

/// Programs that print a file or the answer of a server: their output may be that of any command.
const VIEWERS: &[&str] = &[
    "cat",
    "less",
    "more",
    "head",
    "tail",
    "type",
    "column",
    "grep",
    "jq",
    "curl",
    "wget",
    "http",
    "get-content",
    "gc",
    "bat",
];

/// First words that mark a line as a command line even without a prompt.
const WRAPPERS: &[&str] = &[
    "sudo",
    "sh",
    "bash",
    "zsh",
    "docker",
    "docker-compose",
    "podman",
    "kubectl",
    "oc",
    "ssh",
    "nohup",
    "time",
    "env",
    "cd",
    "exec",
    "watch",
    "winpty",
    "cmd",
    "call",
    "export",
    "timeout",
    "crictl",
    "nerdctl",
    "+",
    "++",
];

impl CalledCommand {
    /// The command of a line with its continuation lines; none if the line calls no program. `has_prompt`: the line began
    /// with a prompt, so that the rest of it is a command whatever it says.
    pub(super) fn of(line: &str, has_prompt: bool) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().take(200).map(bare).collect();
        let program = words.iter().enumerate().find_map(|(at, word)| Some((at, Program::of(word)?)));
        if let Some((at, program)) = program {
            let arguments = &words[at + 1..];
            let found = program.find(arguments);
            // A sentence may mention a program too: "we use mqadmin and like it".
            let is_call = has_prompt || begins_like_a_call(&words, at) || found.is_some();
            if is_call {
                return Some(Self::of_known_program(found, &words[at..]));
            }
        }
        has_prompt.then(|| Self::of_another_program(&words))
    }

    fn of_known_program(found: Option<&KnownCommand>, words: &[&str]) -> Self {
        let Some(found) = found else {
            let called = words.iter().take(2).copied().collect::<Vec<_>>().join(" ");
            return Self { prints: Prints::Unknown(called), topic: None, group: None };
        };
        Self { prints: found.prints.clone(), topic: option(words, found.topic), group: option(words, found.group) }
    }

    fn of_another_program(words: &[&str]) -> Self {
        let called = words.first().copied().unwrap_or_default();
        let is_viewer = words.iter().take(4).any(|word| VIEWERS.contains(&file_of(word).to_ascii_lowercase().as_str()));
        if !is_viewer {
            return Self { prints: Prints::Unknown(called.to_owned()), topic: None, group: None };
        }
        // The URL of a dashboard request contains the topic or the group.
        let in_url = |names: &[&str]| words.iter().find_map(|word| query(word, names));
        Self {
            prints: Prints::Shape,
            topic: in_url(&["topic"]),
            group: in_url(&["consumerGroup", "groupName", "group"]),
        }
    }
}

/// A program whose commands are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Program {
    MqAdmin,
    KafkaGroups,
    KafkaTopics,
}

impl Program {
    fn of(word: &str) -> Option<Self> {
        let file = file_of(word);
        let file = [".sh", ".cmd", ".bat", ".exe"].iter().find_map(|end| file.strip_suffix(end)).unwrap_or(file);
        match file {
            "mqadmin" | "org.apache.rocketmq.tools.command.MQAdminStartup" => Some(Self::MqAdmin),
            "kafka-consumer-groups" | "kafka.admin.ConsumerGroupCommand" => Some(Self::KafkaGroups),
            "kafka-topics" | "kafka.admin.TopicCommand" => Some(Self::KafkaTopics),
            _ => None,
        }
    }

    /// The known command among the arguments of this program, if there is one.
    fn find(self, arguments: &[&str]) -> Option<&'static KnownCommand> {
        let (known, words) = match self {
            // The first argument is the command; Kafka's tools take it as an option in any position.
            Self::MqAdmin => (MQADMIN, &arguments[..arguments.len().min(1)]),
            Self::KafkaGroups => (KAFKA_GROUPS, arguments),
            Self::KafkaTopics => (KAFKA_TOPICS, arguments),
        };
        known.iter().find(|known| words.contains(&known.name))
    }
}

/// Whether the line begins with the program itself, with a wrapper such as `sudo`, or with a variable assignment.
fn begins_like_a_call(words: &[&str], program_at: usize) -> bool {
    let first = words[0];
    program_at == 0
        || WRAPPERS.contains(&file_of(first))
        || first.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

/// A word without quotation marks around it, and without the punctuation that ends a command or a clause.
fn bare(word: &str) -> &str {
    word.trim_matches(['"', '\'', '`']).trim_end_matches([';', ',', '"', '\'', '`'])
}

/// The last part of a path.
fn file_of(word: &str) -> &str {
    word.rsplit(['/', '\\']).next().unwrap_or(word)
}

/// The value of the first option that has one of these names: `-t orders`, `--topic orders`, `--topic=orders`, `-torders`.
/// None if the value is only a shell variable or a placeholder.
fn option(words: &[&str], names: &[&str]) -> Option<String> {
    // The words after these operators belong to another command or to a file.
    let words =
        words.iter().position(|word| matches!(*word, "|" | "&&" | "||" | ">")).map_or(words, |end| &words[..end]);
    let value = words.iter().enumerate().find_map(|(at, word)| {
        let name = word.strip_prefix(['-', '–', '—'])?.trim_start_matches(['-', '–']);
        if let Some((name, value)) = name.split_once('=') {
            return names.contains(&name).then_some(bare(value));
        }
        if names.contains(&name) {
            return words.get(at + 1).copied();
        }
        // A letter directly followed by its value, unless the word is a long option.
        let is_one_dash = word.starts_with('-') && !word.starts_with("--");
        let letter = names.iter().find(|letter| letter.len() == 1 && is_one_dash && name.starts_with(**letter))?;
        (!LONG_OPTIONS.contains(&name)).then_some(&name[letter.len()..])
    })?;
    let is_literal = !value.is_empty() && !value.starts_with('-') && !value.contains(['$', '<', '>', '{', '%', '*']);
    // Retry and dead-letter topics have a `%` in their names; a Windows variable such as `%TOPIC%` ends with one, too.
    let is_retry_or_dlq = value.starts_with("%RETRY%") || value.starts_with("%DLQ%");
    (is_literal || is_retry_or_dlq).then(|| value.to_owned())
}

/// The value of a query parameter in a URL: `http://localhost:8080/topic/route.query?topic=orders`
fn query(url: &str, names: &[&str]) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let value = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(name, _)| names.contains(name))?.1;
    (!value.is_empty() && !value.contains(['$', '{', '<'])).then(|| value.to_owned())
}

/// A line of a shell session, taken apart: whether it has a prompt, the command after the prompt, and whether the command
/// continues on the next line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct ShellLine<'t> {
    pub(super) has_prompt: bool,
    pub(super) command: &'t str,
    pub(super) is_continued: bool,
}

impl<'t> ShellLine<'t> {
    /// Takes a line apart. The line need not be a command: [`Self::looks_like_command`] says whether it looks like one.
    pub(super) fn of(line: &PasteLine<'t>) -> Self {
        let text = line.text.trim();
        let prompt = prompt::end(text);
        let after_prompt = &text[prompt.unwrap_or(0)..];
        // `set -x` prints `+ ` before each command of a script.
        let command = after_prompt.trim_start_matches('+').trim();
        let (command, is_continued) = without_continuation(command);
        Self {
            has_prompt: prompt.is_some() || (after_prompt.starts_with('+') && !command.is_empty()),
            command,
            is_continued,
        }
    }

    /// Whether the line looks like the first line of a command, so that its continuation lines belong to it.
    pub(super) fn looks_like_command(&self) -> bool {
        let first = bare(self.command.split_whitespace().next().unwrap_or_default());
        self.has_prompt || WRAPPERS.contains(&file_of(first)) || Program::of(first).is_some()
    }
}

/// A line without its continuation character (that of a POSIX shell, `cmd` or PowerShell), and whether it had one.
pub(super) fn without_continuation(line: &str) -> (&str, bool) {
    let line = line.trim_end();
    match line.strip_suffix(['\\', '^', '`']) {
        Some(before) if before.is_empty() || before.ends_with(char::is_whitespace) => (before.trim_end(), true),
        _ => (line, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> Option<CalledCommand> {
        let shell_line = ShellLine::of(&PasteLine { text: line, start: 0 });
        CalledCommand::of(shell_line.command, shell_line.has_prompt)
    }

    fn topic_and_group(line: &str) -> (Option<String>, Option<String>) {
        let command = command(line).unwrap_or_else(|| panic!("{line} is a command"));
        (command.topic, command.group)
    }

    #[test]
    fn a_command_is_found_after_prompts_and_wrappers() {
        let calls = [
            "mqadmin",
            "./mqadmin",
            "sh mqadmin",
            "sudo sh bin/mqadmin",
            "C:\\rmq\\bin>mqadmin.cmd",
            "PS C:\\rmq> .\\mqadmin",
            "docker exec -it rmqbroker sh mqadmin",
            "kubectl exec -n mq broker-0 -c broker -- ./mqadmin",
            "+ mqadmin",
            "[root@mq1 bin]# ./mqadmin",
            "NAMESRV_ADDR=ns:9876 mqadmin",
            "$ cd /opt/rmq/bin && sh mqadmin",
            "$ java -cp a.jar org.apache.rocketmq.tools.command.MQAdminStartup",
            "ssh mq1 /opt/rmq/bin/mqadmin",
            "$JAVA_HOME/bin/x; $ mqadmin",
            "➜  bin git:(master) ✗ sh mqadmin",
            "Output of `mqadmin",
        ];
        for program in calls {
            let line = format!("{program} topicRoute -n ns:9876 -t orders");
            assert_eq!(topic_and_group(&line), (Some("orders".to_owned()), None), "{line}");
        }
    }

    #[test]
    fn options_are_read_in_each_form() {
        let group = |line: &str| topic_and_group(line).1;
        for form in
            ["-g a-b", "-ga-b", "--groupName a-b", "--groupName=a-b", "-groupName 'a-b'", "-g=a-b", "—groupName a-b"]
        {
            assert_eq!(group(&format!("mqadmin consumerProgress {form} -n x")).as_deref(), Some("a-b"), "{form}");
        }
        assert_eq!(group("kafka-consumer-groups.sh --describe --group=x | less").as_deref(), Some("x"));
        assert_eq!(group("$ kafka-consumer-groups --bootstrap-server b --group x --describe").as_deref(), Some("x"));
        // Placeholders for a value, an option without one, and an option of another command.
        for option in ["-g $g", "-g ${GROUP}", "-g <group>", "-g %G%", "-g", "-n a:1 | grep -g x"] {
            assert_eq!(group(&format!("$ mqadmin consumerProgress {option}")), None, "{option}");
        }
        assert_eq!(topic_and_group("mqadmin brokerConsumeStats -b 10.0.0.1:10911 -t 3000").0, None);
        assert_eq!(topic_and_group("mqadmin topicStatus -t %RETRY%g").0.as_deref(), Some("%RETRY%g"));
        let request = "$ curl -s 'http://localhost:8080/topic/route.query?topic=orders&x=1'";
        assert_eq!(topic_and_group(request).0.as_deref(), Some("orders"));
    }

    #[test]
    fn the_command_decides_how_its_output_is_read() {
        let prints = |line: &str| command(line).map(|command| command.prints);
        assert_eq!(prints("mqadmin topicList -n x"), Some(Prints::Names(NamesOf::Topics)));
        assert_eq!(prints("kafka-topics.sh --bootstrap-server b --list"), Some(Prints::Names(NamesOf::Topics)));
        assert_eq!(prints("$ cat topics.txt"), Some(Prints::Shape));
        assert_eq!(prints("$ ls -l"), Some(Prints::Unknown("ls".to_owned())));
        assert_eq!(
            prints("mqadmin producerConnection -g x"),
            Some(Prints::Unknown("mqadmin producerConnection".to_owned()))
        );
        for sentence in ["mqadmin is a tool", "we use mqadmin and like it", "orders", "see kafka-topics for it", "ls"] {
            let printed = prints(sentence);
            assert!(
                printed.is_none() || printed == Some(Prints::Unknown("mqadmin is".to_owned())),
                "{sentence} {printed:?}"
            );
        }
    }

    #[test]
    fn a_line_that_ends_with_a_continuation_character_is_continued_in_the_next_one() {
        for (line, is_continued) in
            [("./mqadmin a \\", true), ("mqadmin a ^", true), ("mqadmin a `", true), ("mqadmin a", false)]
        {
            let shell_line = ShellLine::of(&PasteLine { text: line, start: 0 });
            assert_eq!((shell_line.is_continued, shell_line.looks_like_command()), (is_continued, true), "{line}");
        }
        assert!(!ShellLine::of(&PasteLine { text: "some text \\", start: 0 }).looks_like_command());
    }
}
