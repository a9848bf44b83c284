//! Command lines: which program was called for what, and what its options say of the output below. It knows which
//! commands there are, not how their outputs look.

use super::paste::PasteLine;
use super::prompt;

/// Options in words, which one dash is enough for: none of them is a letter with its value.
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

/// What a command prints.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Prints {
    /// Something that is known by its shape.
    Shape,
    /// Names, one a line.
    Names(NamesOf),
    /// Who is connected as a consumer. Producers are printed in the same shape.
    Consumers,
    /// Nothing that is known; the command as it was called.
    Unknown(String),
}

/// Of what a list of names is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NamesOf {
    Topics,
    Groups,
    /// Of the clusters in which a topic is.
    Clusters,
}

/// A command line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct CalledCommand {
    pub(super) prints: Prints,
    pub(super) topic: Option<String>,
    pub(super) group: Option<String>,
}

/// A command that is known: its options for a topic and for a group.
struct Known {
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
) -> Known {
    Known { name, prints, topic, group }
}

/// From the classes `*SubCommand` of the module `tools` of `apache/rocketmq`, 4.0 to 5.3: `commandName` and
/// `buildCommandlineOptions`. The option `-t` of `brokerConsumeStats` is a time.
const MQADMIN: &[Known] = &[
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

/// From `ConsumerGroupCommandOptions` and `TopicCommand` of `apache/kafka`, 0.9 to 4.1: what they do is an option, too.
const KAFKA_GROUPS: &[Known] = &[
    known("--describe", Prints::Shape, &["topic"], &["group"]),
    known("--list", Prints::Names(NamesOf::Groups), &[], &[]),
];
const KAFKA_TOPICS: &[Known] =
    &[known("--describe", Prints::Shape, &["topic"], &[]), known("--list", Prints::Names(NamesOf::Topics), &[], &[])];

/// Programs that print a file, or what a server answers.
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

/// Words with which a command line begins where no prompt was copied.
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
    /// The command of a line, and of those that go on with it; nothing where it calls no program. `has_prompt`: the line began
    /// with a prompt, so that whatever follows is a command.
    pub(super) fn of(line: &str, has_prompt: bool) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().take(200).map(bare).collect();
        let program = words.iter().enumerate().find_map(|(at, word)| Some((at, Program::of(word)?)));
        if let Some((at, program)) = program {
            let arguments = &words[at + 1..];
            let found = program.find(arguments);
            // A sentence may name a program; it names no command of it, or nothing was called.
            let is_call = has_prompt || begins_like_a_call(&words, at) || found.is_some();
            if is_call {
                return Some(Self::known_or_not(found, &words[at..]));
            }
        }
        has_prompt.then(|| Self::of_another_program(&words))
    }

    fn known_or_not(found: Option<&Known>, words: &[&str]) -> Self {
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
        // The topic or group that a dashboard is asked for stands in the address.
        let asked = |names: &[&str]| words.iter().find_map(|word| query(word, names));
        Self { prints: Prints::Shape, topic: asked(&["topic"]), group: asked(&["consumerGroup", "groupName", "group"]) }
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

    /// What the arguments of the program ask for, where that is known.
    fn find(self, arguments: &[&str]) -> Option<&'static Known> {
        let (known, words) = match self {
            Self::MqAdmin => (MQADMIN, &arguments[..arguments.len().min(1)]),
            Self::KafkaGroups => (KAFKA_GROUPS, arguments),
            Self::KafkaTopics => (KAFKA_TOPICS, arguments),
        };
        known.iter().find(|known| words.contains(&known.name))
    }
}

/// Whether nothing but what may stand before a program stands before this word.
fn begins_like_a_call(words: &[&str], program: usize) -> bool {
    let first = words[0];
    program == 0
        || WRAPPERS.contains(&file_of(first))
        || first.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

/// A word without quotation marks, and without the signs with which a command or a sentence ends.
fn bare(word: &str) -> &str {
    word.trim_matches(['"', '\'', '`']).trim_end_matches([';', ',', '"', '\'', '`'])
}

/// The last part of a path.
fn file_of(word: &str) -> &str {
    word.rsplit(['/', '\\']).next().unwrap_or(word)
}

/// The value of the first of these options: `-t orders`, `--topic orders`, `--topic=orders`, `-torders`. A shell's variable
/// and a place holder say nothing.
fn option(words: &[&str], names: &[&str]) -> Option<String> {
    // The words behind these signs belong to another command.
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
        // A letter with its value behind it, as long as that is no other option in words.
        let is_one_dash = word.starts_with('-') && !word.starts_with("--");
        let letter = names.iter().find(|letter| letter.len() == 1 && is_one_dash && name.starts_with(**letter))?;
        (!LONG_OPTIONS.contains(&name)).then_some(&name[letter.len()..])
    })?;
    let is_said = !value.is_empty() && !value.starts_with('-') && !value.contains(['$', '<', '>', '{', '%', '*']);
    // A topic of retries has the sign in its name; a variable of Windows has it at both ends.
    let is_retry = value.starts_with("%RETRY%") || value.starts_with("%DLQ%");
    (is_said || is_retry).then(|| value.to_owned())
}

/// The value of a name in an address: `http://localhost:8080/topic/route.query?topic=orders`
fn query(address: &str, names: &[&str]) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let value = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(name, _)| names.contains(name))?.1;
    (!value.is_empty() && !value.contains(['$', '{', '<'])).then(|| value.to_owned())
}

/// A line of a shell: whether it has a prompt, what stands behind that, and whether the next line goes on with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Call<'t> {
    pub(super) has_prompt: bool,
    pub(super) command: &'t str,
    pub(super) goes_on: bool,
}

impl<'t> Call<'t> {
    /// The call of a line that may be one.
    pub(super) fn of(line: &PasteLine<'t>) -> Self {
        let text = line.text.trim();
        let prompt = prompt::end(text);
        let behind = &text[prompt.unwrap_or(0)..];
        // `+ ` before a command that a script shows.
        let command = behind.trim_start_matches('+').trim();
        let (command, goes_on) = without_continuation(command);
        Self { has_prompt: prompt.is_some() || (behind.starts_with('+') && !command.is_empty()), command, goes_on }
    }

    /// Whether it may be the beginning of a call, so that the lines with which it goes on belong to it.
    pub(super) fn may_be_one(&self) -> bool {
        let first = bare(self.command.split_whitespace().next().unwrap_or_default());
        self.has_prompt || WRAPPERS.contains(&file_of(first)) || Program::of(first).is_some()
    }
}

/// A line without the sign that the next one goes on with it, and whether there was one.
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
        let call = Call::of(&PasteLine { text: line, start: 0 });
        CalledCommand::of(call.command, call.has_prompt)
    }

    fn about(line: &str) -> (Option<String>, Option<String>) {
        let command = command(line).unwrap_or_else(|| panic!("{line} is a command"));
        (command.topic, command.group)
    }

    #[test]
    fn a_command_is_found_behind_prompts_and_wrappers() {
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
        for call in calls {
            let line = format!("{call} topicRoute -n ns:9876 -t orders");
            assert_eq!(about(&line), (Some("orders".to_owned()), None), "{line}");
        }
    }

    #[test]
    fn options_are_read_in_each_form() {
        let group = |line: &str| about(line).1;
        for form in
            ["-g a-b", "-ga-b", "--groupName a-b", "--groupName=a-b", "-groupName 'a-b'", "-g=a-b", "—groupName a-b"]
        {
            assert_eq!(group(&format!("mqadmin consumerProgress {form} -n x")).as_deref(), Some("a-b"), "{form}");
        }
        assert_eq!(group("kafka-consumer-groups.sh --describe --group=x | less").as_deref(), Some("x"));
        assert_eq!(group("$ kafka-consumer-groups --bootstrap-server b --group x --describe").as_deref(), Some("x"));
        // What only stands for a value, and options of something else.
        for none in ["-g $g", "-g ${GROUP}", "-g <group>", "-g %G%", "-g", "-n a:1 | grep -g x"] {
            assert_eq!(group(&format!("$ mqadmin consumerProgress {none}")), None, "{none}");
        }
        assert_eq!(about("mqadmin brokerConsumeStats -b 10.0.0.1:10911 -t 3000").0, None);
        assert_eq!(about("mqadmin topicStatus -t %RETRY%g").0.as_deref(), Some("%RETRY%g"));
        let asked = "$ curl -s 'http://localhost:8080/topic/route.query?topic=orders&x=1'";
        assert_eq!(about(asked).0.as_deref(), Some("orders"));
    }

    #[test]
    fn the_command_says_what_is_printed() {
        let prints = |line: &str| command(line).map(|command| command.prints);
        assert_eq!(prints("mqadmin topicList -n x"), Some(Prints::Names(NamesOf::Topics)));
        assert_eq!(prints("kafka-topics.sh --bootstrap-server b --list"), Some(Prints::Names(NamesOf::Topics)));
        assert_eq!(prints("$ cat topics.txt"), Some(Prints::Shape));
        assert_eq!(prints("$ ls -l"), Some(Prints::Unknown("ls".to_owned())));
        assert_eq!(
            prints("mqadmin producerConnection -g x"),
            Some(Prints::Unknown("mqadmin producerConnection".to_owned()))
        );
        for none in ["mqadmin is a tool", "we use mqadmin and like it", "orders", "see kafka-topics for it", "ls"] {
            let is_said = prints(none);
            assert!(
                is_said.is_none() || is_said == Some(Prints::Unknown("mqadmin is".to_owned())),
                "{none} {is_said:?}"
            );
        }
    }

    #[test]
    fn a_call_says_whether_the_next_line_goes_on_with_it() {
        for (line, goes_on) in
            [("./mqadmin a \\", true), ("mqadmin a ^", true), ("mqadmin a `", true), ("mqadmin a", false)]
        {
            let call = Call::of(&PasteLine { text: line, start: 0 });
            assert_eq!((call.goes_on, call.may_be_one()), (goes_on, true), "{line}");
        }
        assert!(!Call::of(&PasteLine { text: "some text \\", start: 0 }).may_be_one());
    }
}
