//! What can be said on the command line, with the help for it. It does nothing about it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::styling::AnsiColor;
use clap::builder::{PossibleValue, PossibleValuesParser, Styles, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use queuescope::words::Language;
use queuescope::{limit, printable};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// A simulator of message queues: the same scenario and seed give the same run, everywhere
///
/// A scenario is a TOML file: brokers, topics, producers, consumers, what breaks and what is expected. Queuescope runs it
/// in virtual time, keeps account of every message, and says whether what was expected came true.
#[derive(Parser, Debug)]
#[command(name = "queuescope", version, styles = STYLES, max_term_width = 100, after_help = "\
Examples:
  queuescope list                      what is built in
  queuescope run 01                    run a built-in scenario
  queuescope new mine.toml             start one of your own
  queuescope run mine.toml --seed 7    run it with another seed

Exit status: 0 all expectations hold, 1 one does not, 2 bad input or usage, or a limit passed,
101 a bug of ours")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: CommandVerb,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum CommandVerb {
    Run(RunArguments),
    Check(CheckArguments),
    Trace(TraceArguments),
    List(ListArguments),
    Schema(SchemaArguments),
    New(NewArguments),
    Import(ImportArguments),
}

/// Run scenarios and report what they come to
///
/// Every file is read first: where one has a problem, all problems of all files are shown and nothing runs.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  queuescope run mine.toml                               one scenario
  queuescope run scenarios/ --junit report.xml           a folder, in CI
  queuescope run 03-flash-sale --seed 7 --lang zh        a built-in one, another seed, in Chinese
  queuescope run mine.toml --format json | jq .groups    for other programs")]
pub(crate) struct RunArguments {
    /// Scenario files, folders (all *.toml directly in them, in name order), or names of built-in scenarios
    #[arg(value_name = "PATH", required = true, value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) settings: RunSettings,

    /// How the report is written to standard output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ReportFormat::Human)]
    pub(crate) format: ReportFormat,

    #[command(flatten)]
    pub(crate) language: LanguageArgument,

    /// Also write a JUnit report for CI
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) junit: Option<PathBuf>,
}

/// Read scenarios without running them
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  queuescope check mine.toml scenarios/")]
pub(crate) struct CheckArguments {
    /// Scenario files, folders (all *.toml directly in them, in name order), or names of built-in scenarios
    #[arg(value_name = "PATH", required = true, value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
}

/// Write everything that happens in a run, one JSON record a line
///
/// Each record has its time in nanoseconds (at_ns), its number (seq), the number of the record that led to it (cause), the
/// node, and the kind with its particulars. The records are written while the run goes on.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  queuescope trace mine.toml > trace.jsonl
  queuescope trace 08-who-owns-what | jq -c 'select(.kind == \"assigned\")'")]
pub(crate) struct TraceArguments {
    /// A scenario file, or the name of a built-in scenario
    #[arg(value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub(crate) path: PathBuf,

    #[command(flatten)]
    pub(crate) settings: RunSettings,
}

/// Name the scenarios that are built in
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  queuescope list --lang zh")]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pub(crate) language: LanguageArgument,
}

/// Print the JSON Schema of the scenario file, for editors
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  queuescope schema > scenario.schema.json
Then, as the first line of a scenario, for editors that know Taplo:
  #:schema ./scenario.schema.json")]
pub(crate) struct SchemaArguments {}

/// Write a small commented scenario to start from
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  queuescope new mine.toml && queuescope run mine.toml")]
pub(crate) struct NewArguments {
    /// The file to write; one that exists is left alone
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
}

/// Make a scenario of what is known of a real cluster: of RocketMQ, Kafka or RabbitMQ
///
/// Files with what was printed make one scenario together: of mqadmin (4.x or 5.x) clusterList, topicList, topicRoute,
/// topicStatus, statsAll, consumerProgress, consumerConnection, brokerConsumeStats and getBrokerConfig, a broker.conf, JSON of
/// RocketMQ and of its dashboard; kafka-topics and kafka-consumer-groups with --describe; definitions of RabbitMQ; or a small
/// JSON of the same. They may be pasted as they are, with prompts, remarks and whatever stands around them: what is not known
/// is passed over and told, here and in comments of the scenario. Who takes part is as it was printed; what cannot be known
/// from it is guessed, and a comment beside the line says so. A route or a progress does not say what it is of: keep the
/// command line above it, or name its file after the topic or the group.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  mqadmin clusterList -n localhost:9876 | queuescope import - -o mine.toml
  queuescope import cluster.txt topics.txt groups.txt routes/* broker-a.conf -o mine.toml
  queuescope import pasted.md                            the scenario to standard output
  curl -u guest:guest localhost:15672/api/definitions | queuescope import - -o mine.toml

The small JSON, where everything but names may be left out:
  { \"brokers\": [{ \"name\": \"broker-a\", \"slaves\": 1 }],
    \"topics\": [{ \"name\": \"orders\", \"queues\": { \"broker-a\": 4 }, \"rate\": 12.5 }],
    \"groups\": [{ \"name\": \"order-service\", \"topic\": \"orders\", \"consumers\": 3, \"lag\": 1200 }] }")]
pub(crate) struct ImportArguments {
    /// Files with what is known; `-` for standard input
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    /// The file to write instead of standard output, which is `-`; one that exists is left alone
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) out: Option<PathBuf>,
}

/// What a run is to be like.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct RunSettings {
    /// Where all randomness begins, instead of the file's seed
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Stop a run that takes more events than this
    #[arg(long, value_name = "N", default_value_t = limit::EVENTS, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_events: u64,
}

/// In which language people are told.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct LanguageArgument {
    /// Language of what is written for people [default: from the environment, else en]
    #[arg(long, value_parser = language())]
    lang: Option<Language>,
}

/// Takes the code of a language.
fn language() -> impl TypedValueParser<Value = Language> {
    let codes = Language::ALL.map(|language| PossibleValue::new(language.code()).help(language.name()));
    PossibleValuesParser::new(codes).try_map(|code| Language::of_code(&code).ok_or("no language has this code"))
}

/// How a report is written.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ReportFormat {
    /// What happened, the ledger, the expectations
    Human,
    /// One report a line, and nothing else
    Json,
}

impl LanguageArgument {
    /// The one that was asked for, or the environment's.
    pub(crate) fn choice(self) -> Language {
        self.lang.unwrap_or_else(|| of_environment(|name| std::env::var(name).ok()))
    }
}

/// The first of the variables that is set decides, as everywhere.
fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|locale| !locale.is_empty());
    match locale {
        Some(locale) if locale.starts_with(Language::Chinese.code()) => Language::Chinese,
        _ => Language::English,
    }
}

/// What was said, or what is wrong with it, or the help that was asked for.
pub(crate) fn parse() -> Result<Cli, clap::Error> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    Cli::try_parse_from(&arguments).map_err(|error| {
        // An error repeats the arguments: once more, with such as can be shown.
        let shown = arguments.iter().map(|argument| printable::path(argument.as_ref()));
        let mut error = Cli::try_parse_from(shown).err().unwrap_or(error);
        let missing = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
        if error.kind() == ErrorKind::MissingRequiredArgument && missing.contains("PATH") {
            let tip = "`queuescope list` names the scenarios that are built in";
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
        }
        error
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_declarations_agree_with_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_first_variable_that_is_set_decides_on_the_language() {
        let with = |set: &[(&str, &str)]| {
            of_environment(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(with(&[]), Language::English);
        assert_eq!(with(&[("LANG", "zh_CN.UTF-8")]), Language::Chinese);
        assert_eq!(with(&[("LANG", "zh_CN.UTF-8"), ("LC_MESSAGES", "de_DE")]), Language::English);
        assert_eq!(with(&[("LANG", "de_DE"), ("LC_MESSAGES", "zh_CN")]), Language::Chinese);
        assert_eq!(with(&[("LC_ALL", ""), ("LANG", "zh")]), Language::Chinese);
        assert_eq!(with(&[("LC_ALL", "C"), ("LANG", "zh_CN")]), Language::English);
    }
}
