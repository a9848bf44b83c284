//! Lines that programs print besides their output: Java about itself, loggers, an error with its stack trace, the shell, ssh. None
//! of them ends an output.

use super::passage::Beside;

/// A line that belongs to no output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Noise {
    Beside(Beside),
    /// The first line of an error message.
    Failure,
    /// A line of the stack below it.
    Stack,
}

const JAVA: &[&str] = &[
    "RocketMQLog:",
    "SLF4J:",
    "SLF4J(",
    "log4j:",
    "Picked up ",
    "Java HotSpot",
    "OpenJDK ",
    "Unrecognized VM option",
    "WARNING: ",
    "Warning: ",
    "JAVA_HOME=",
    "Listening for transport",
];

const SHELL: &[&str] = &[
    "Last login:",
    "Defaulted container",
    "Unable to use a TTY",
    "Connection to ",
    "Connection closed",
    "Welcome to ",
    "Warning: Permanently added",
    "the input device is not a TTY",
    "ERROR: Please set",
    "Please set the ",
    "Authorized users only",
    "Microsoft Windows",
    "(c) Microsoft",
    "Windows PowerShell",
    "Copyright (C)",
    "Script started",
    "Script done",
    "Emulate Docker CLI",
    "% Total",
    "Dload  Upload",
];

/// Levels with which loggers begin a line, behind the time.
const LEVELS: &[&str] = &["DEBUG", "INFO", "WARN", "ERROR", "FATAL", "TRACE"];

/// Beginnings of error messages of the tools, besides names of exceptions.
const FAILURES: &[&str] = &[
    "Error while executing",
    "Error: Executing",
    "Error: The consumer group",
    "Error: Consumer group",
    "Error: Could not create",
    "Error: Unable to",
    "Error: could not",
    "Error occurred during initialization",
    "Exception in thread",
    "java.lang.",
    "usage: mqadmin",
    "The sub command ",
    "Missing required option",
    "Error response from daemon",
    "error: unable to",
    "Error from server",
    "See http://rocketmq.apache.org",
    "For more information, please visit the url",
];

pub(super) fn noise(line: &str) -> Option<Noise> {
    let line = line.trim();
    let begins_with = |beginnings: &[&str]| beginnings.iter().any(|beginning| line.starts_with(beginning));
    if is_of_a_stack(line) {
        Some(Noise::Stack)
    } else if begins_with(FAILURES) || is_exception(line) {
        Some(Noise::Failure)
    } else if begins_with(JAVA) || is_of_the_collector(line) {
        Some(Noise::Beside(Beside::Java))
    } else if begins_with(SHELL) || is_of_a_shell(line) {
        Some(Noise::Beside(Beside::Shell))
    } else if is_of_a_log(line) {
        Some(Noise::Beside(Beside::Log))
    } else {
        None
    }
}

/// `\tat a.b.C.d(C.java:1)`, `Caused by: …`, `... 12 more`
fn is_of_a_stack(line: &str) -> bool {
    let at = line.strip_prefix("at ").is_some_and(|place| place.contains(['(', '.']) && !place.trim().contains(' '));
    let more = line.strip_prefix("... ").is_some_and(|rest| rest.ends_with(" more") || rest.contains("common frames"));
    at || more || line.starts_with("Caused by:") || line.starts_with("Suppressed:")
}

/// `org.apache.rocketmq.….MQClientException: CODE: 17 …`
fn is_exception(line: &str) -> bool {
    let first = line.split([' ', ':']).next().unwrap_or_default();
    let is_name =
        first.contains('.') && first.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '$' | '_'));
    // A topic of Kafka may have such a name, too.
    let is_alone =
        first.len() == line.len() && !["java.", "javax.", "org.apache."].iter().any(|it| first.starts_with(it));
    (is_name && !is_alone && (first.ends_with("Exception") || first.ends_with("Error"))) || line.contains("Exception: ")
}

/// `[0.004s][warning][gc] …`
fn is_of_the_collector(line: &str) -> bool {
    let inner = line.strip_prefix('[').and_then(|line| line.split_once("s]["));
    inner.is_some_and(|(time, _)| !time.is_empty() && time.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// `-bash: mqadmin: command not found`
fn is_of_a_shell(line: &str) -> bool {
    const ENDS: [&str; 4] = [
        "command not found",
        "No such file or directory",
        "Permission denied",
        "not recognized as an internal or external command,",
    ];
    let shell = line.trim_start_matches('-').split(':').next().unwrap_or_default();
    matches!(line, "logout" | "exit")
        || (matches!(shell, "bash" | "sh" | "zsh" | "ash" | "kubectl" | "docker" | "ssh") && line.contains(": "))
        || ENDS.iter().any(|end| line.ends_with(end))
}

/// `2024-05-01 10:00:00,123 INFO main - …`, `[2024-05-01 10:00:00,123] WARN …`, `10:00:00.123 [main] DEBUG …`
fn is_of_a_log(line: &str) -> bool {
    let time = line.trim_start_matches('[');
    let is_time = time.len() > 8
        && time.starts_with(|c: char| c.is_ascii_digit())
        && time.chars().take(8).all(|c| c.is_ascii_digit() || matches!(c, '-' | ':' | '/' | '.' | 'T'))
        && time.chars().take(8).any(|c| !c.is_ascii_digit());
    let of_a_level = |word: &str| LEVELS.contains(&word.trim_matches(['[', ']', ':']));
    (is_time && line.split_whitespace().take(8).any(of_a_level))
        || line.split([' ', ':']).next().is_some_and(|word| word.starts_with('[') && of_a_level(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_a_shell_or_of_java_are_told_from_an_output() {
        let java = Some(Noise::Beside(Beside::Java));
        for line in [
            "RocketMQLog:WARN No appenders could be found",
            "Java HotSpot(TM) 64-Bit Server VM warning: x",
            "OpenJDK 64-Bit Server VM warning: y",
            "Picked up JAVA_TOOL_OPTIONS: -Xmx1g",
            "[0.004s][warning][gc] z",
            "SLF4J(W): No SLF4J providers were found.",
            "log4j:WARN x",
            "WARNING: An illegal reflective access",
        ] {
            assert_eq!(noise(line), java, "{line}");
        }
        for line in [
            "org.apache.rocketmq.tools.command.SubCommandException: ConsumerProgressSubCommand command failed",
            "java.lang.IllegalStateException",
            "Exception in thread \"main\" java.lang.NullPointerException",
            "Error: Consumer group 'x' does not exist.",
            "usage: mqadmin topicRoute [-h] -t <arg>",
        ] {
            assert_eq!(noise(line), Some(Noise::Failure), "{line}");
        }
        for line in ["\tat a.b.C.d(C.java:207)", "Caused by: x: CODE: 17  DESC: No topic", "\t... 1 more", "    at x.y"]
        {
            assert_eq!(noise(line), Some(Noise::Stack), "{line}");
        }
        for line in
            ["-bash: 192.168.2.15:9876: command not found", "Last login: Fri", "sh: 1: mqadmin: not found", "logout"]
        {
            assert_eq!(noise(line), Some(Noise::Beside(Beside::Shell)), "{line}");
        }
        for line in [
            "2024-05-01 10:00:00,123 INFO main - x",
            "[2024-05-01 10:00:00] WARN y",
            "10:00:00.123 [main] DEBUG z",
            "[INFO] x",
        ] {
            assert_eq!(noise(line), Some(Noise::Beside(Beside::Log)), "{line}");
        }
        for line in [
            "orders",
            "#Topic #QID",
            "broker-a  0  10",
            "at noon we saw",
            "2024-orders",
            "[root@mq1 bin]# x",
            "[",
            "...",
            "10.0.0.1@1#2 10.0.0.1:4 JAVA V5",
            "Topic: t\tPartition: 0",
            "brokerId=0",
            "20240501 a b",
            "exit-orders",
            "com.acme.OrderException",
            "SLF4J-topic",
        ] {
            assert_eq!(noise(line), None, "{line}");
        }
    }
}
