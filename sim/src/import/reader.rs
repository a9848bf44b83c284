//! Reads a pasted text line by line: finds the outputs in it, one after the other, and notes what it passes over. It knows how
//! outputs begin and end, not what stands in them.

use super::about::About;
use super::cluster::KnownCluster;
use super::command::{CalledCommand, Prints, ShellLine, without_continuation};
use super::config::{BrokerSettings, is_banner, setting};
use super::context::{Context, problem};
use super::format::TableFormat;
use super::kafka::{self, Described};
use super::mqadmin::Trailer;
use super::names_list::{BareNames, is_name};
use super::noise::{Noise, noise};
use super::open_table::{LineOutcome, OpenTable};
use super::passage::{Beside, Notes};
use super::paste::{self, PasteLine};
use super::table::Header;
use super::{decode, json, known_tables};
use crate::scenario::Problem;

/// The most lines with which a command line is continued.
const MAX_CONTINUATIONS: usize = 50;

pub(super) const WHAT_IS_READ: &str = "known is what `mqadmin` prints for clusterList, topicList, topicRoute, topicStatus, statsAll, \
     consumerProgress, consumerConnection, brokerConsumeStats and getBrokerConfig; `kafka-topics --describe` and \
     `kafka-consumer-groups --describe`; JSON of RocketMQ, its dashboard and RabbitMQ; and a small JSON, which \
     `queuescope import --help` shows";

/// The text of a file that was read, and notes on what of it was passed over.
#[derive(Debug)]
pub(super) struct ReadText {
    /// The text as messages show it.
    pub(super) text: String,
    pub(super) notes: Notes,
}

/// Adds what a file says to what is known of the cluster.
pub(super) fn read(file: &str, bytes: &[u8], cluster: &mut KnownCluster) -> ReadText {
    let text = decode::decode(bytes);
    let bare = paste::without_marks(&text);
    let mut reader = PasteReader::new(&bare, file, cluster);
    reader.read_lines();
    let notes = reader.end();
    ReadText { text, notes }
}

/// The output that is being read.
#[derive(Debug)]
enum OpenOutput<'t> {
    Nothing,
    Table(Box<OpenTable<'t>>),
    /// A table of columns that are not known: its rows are passed over.
    Unknown(Header),
    Settings(BrokerSettings),
    /// The topics that `kafka-topics` describes.
    Described(kafka::Topics),
}

struct PasteReader<'t, 'c> {
    text: &'t str,
    lines: Vec<PasteLine<'t>>,
    /// The number of the line that comes next.
    next: usize,
    context: Context<'c>,
    open: OpenOutput<'t>,
    /// The output that the last command prints.
    prints: Option<Prints>,
    /// Whether the last line was empty.
    is_after_blank: bool,
    /// The lines of the header that was read last, when it was the last line.
    header: Vec<PasteLine<'t>>,
    bare: BareNames<'t>,
    /// Whether any output was read.
    has_output: bool,
}

impl<'t, 'c> PasteReader<'t, 'c> {
    fn new(text: &'t str, name: &str, cluster: &'c mut KnownCluster) -> Self {
        let notes = Notes::of(text);
        let context = Context { cluster, about: About::of_file(name), notes, connection: None, status: None };
        Self {
            text,
            lines: paste::lines(text),
            next: 0,
            context,
            open: OpenOutput::Nothing,
            prints: None,
            is_after_blank: false,
            header: Vec::new(),
            bare: BareNames::default(),
            has_output: false,
        }
    }

    fn read_lines(&mut self) {
        while let Some(line) = self.lines.get(self.next).copied() {
            self.next += 1;
            if line.text.trim().is_empty() {
                self.flush();
                self.is_after_blank = true;
                self.header.clear();
                continue;
            }
            self.context.notes.next_line();
            let header = std::mem::take(&mut self.header);
            if !self.continues_header(&header, &line) {
                self.read_line(line);
            }
            self.is_after_blank = false;
        }
    }

    fn read_line(&mut self, line: PasteLine<'t>) {
        if self.read_beside(&line) || self.read_json(&line) || self.read_command(&line) || self.read_header(&line) {
            return;
        }
        if paste::is_remark(line.text) {
            return self.context.notes.beside(line.trimmed().place(), Beside::Remark);
        }
        if self.read_description(&line) || self.read_setting(&line) {
            return;
        }
        match &mut self.open {
            OpenOutput::Table(table) => {
                let outcome = table.line(line, self.is_after_blank, &mut self.context);
                self.note_outcome(outcome);
            }
            OpenOutput::Unknown(_) => self.context.notes.missing(unknown_table(&line)),
            _ => self.name_or_text(&line),
        }
    }

    /// Notes what a line of a table was.
    fn note_outcome(&mut self, outcome: LineOutcome<'t>) {
        match outcome {
            LineOutcome::Row => {
                self.has_output = true;
                self.bare.end_row();
            }
            LineOutcome::Kept => {}
            LineOutcome::NoRow(lines) => {
                for (line, problem) in lines {
                    match problem {
                        Some(problem) if !is_name(paste::without_bullet(line).text) => {
                            self.context.notes.missing(problem);
                        }
                        _ => self.name_or_text(&line),
                    }
                }
            }
        }
    }

    // ---- lines of no output --------------------------------------------------------------------------------------

    /// Reads a line that is no output, nor ends one, or that says something of the output above it. False if it is another
    /// line.
    fn read_beside(&mut self, line: &PasteLine<'t>) -> bool {
        let place = line.trimmed().place();
        if paste::is_fence(line.text) {
            self.context.notes.beside(place, Beside::Fence);
        } else if paste::is_ellipsis(line.text) {
            self.context.notes.beside(place, Beside::Ellipsis);
        } else if let Some(trailer) = Trailer::of(line.text) {
            self.close();
            trailer.add_to(&mut self.context);
        } else if kafka::read_group_state(line.text, &mut self.context) {
            self.has_output = true;
        } else if let Some(noise) = noise(line.text) {
            match noise {
                Noise::Beside(beside) => self.context.notes.beside(place, beside),
                Noise::Failure | Noise::Stack => {
                    let help = "run it again, and import what it prints when it succeeds";
                    self.context.notes.missing(problem(place, "a program failed here", "no output", help));
                }
            }
        } else {
            return paste::is_rule(line.text) && !is_banner(line.text);
        }
        true
    }

    // ---- commands ------------------------------------------------------------------------------------------------

    fn read_command(&mut self, line: &PasteLine<'t>) -> bool {
        let shell_line = ShellLine::of(line);
        let is_remark = paste::is_remark(line.text);
        let mut whole = shell_line.command.to_owned();
        let mut end = self.next;
        if shell_line.is_continued && shell_line.looks_like_command() {
            for next in self.lines[self.next..].iter().take(MAX_CONTINUATIONS) {
                let (part, is_continued) = without_continuation(next.text.trim().trim_start_matches('>').trim_start());
                whole = format!("{whole} {part}");
                end += 1;
                if !is_continued {
                    break;
                }
            }
        }
        let command = CalledCommand::of(&whole, shell_line.has_prompt);
        // `# list the topics` is a remark, `# mqadmin topicList` a command of root's.
        let is_only_remark = |command: &CalledCommand| is_remark && matches!(command.prints, Prints::Unknown(_));
        let command = command.filter(|command| !(whole.is_empty() || is_only_remark(command)));
        let is_prompt = shell_line.has_prompt && whole.is_empty() && !is_remark;
        if command.is_none() && !is_prompt {
            return false;
        }
        self.close();
        self.end_connection();
        self.next = end;
        let Some(command) = command else {
            self.context.notes.beside(line.trimmed().place(), Beside::Prompt);
            self.prints = None;
            return true;
        };
        if let Prints::Unknown(called) = &command.prints {
            self.context.notes.missing(unknown_output(called, line.trimmed().place()));
        }
        self.context.about.topic = command.topic;
        self.context.about.group = command.group;
        self.prints = Some(command.prints);
        true
    }

    // ---- JSON ----------------------------------------------------------------------------------------------------

    fn read_json(&mut self, line: &PasteLine<'t>) -> bool {
        let inner = line.trimmed();
        let behind = inner.text.get(1..).unwrap_or_default().trim_start();
        let is_json = match inner.text.as_bytes()[0] {
            b'{' => behind.is_empty() || behind.starts_with(['"', '\'', '}', '{', '/']) || behind.contains(':'),
            b'[' => behind.is_empty() || behind.starts_with(['{', '[', '"', ']']),
            _ => false,
        };
        if !is_json {
            return false;
        }
        self.close();
        self.end_connection();
        let mut end = inner.start;
        // Others may follow on the same line.
        while self.text[end..].starts_with(['{', '[']) {
            let extent = json::extent(self.text, end, is_boundary);
            match json::read(self.text, end..extent.end, extent.is_closed, &mut self.context) {
                Ok(()) => self.has_output = true,
                Err(problem) => self.context.notes.missing(problem),
            }
            let behind = &self.text[extent.end..];
            end = self.text.len() - behind.trim_start_matches([' ', '\t', ',', ';']).len();
        }
        self.continue_at(end);
        true
    }

    /// Continues at this byte, which may be in the middle of a line.
    fn continue_at(&mut self, byte: usize) {
        let next = self.lines.partition_point(|line| line.start <= byte);
        self.next = next.max(self.next);
        let last = self.lines[self.next - 1];
        if byte > last.start && byte < last.start + last.text.len() {
            self.next -= 1;
            self.lines[self.next] = last.after(byte - last.start);
        }
    }

    // ---- headers -------------------------------------------------------------------------------------------------

    fn read_header(&mut self, line: &PasteLine<'t>) -> bool {
        let text = line.text.trim_start();
        let first = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        let looks_like_header = text.starts_with('#')
            || (self.has_no_bars() && text.starts_with(|c| c == '|' || paste::is_of_a_box(c)))
            || matches!(first.trim_end_matches(','), "group" | "topic" | "consumer-id");
        if !looks_like_header {
            return false;
        }
        let Some(header) = Header::of(line) else { return false };
        let format = known_tables::with(&header).filter(|format| !format.is_ambiguous || self.may_be_consumers());
        match format {
            Some(format) => self.begin(format, header),
            None if text.starts_with('#') && !paste::is_remark(text) => {
                self.close();
                self.context.notes.missing(unknown_table(line));
                self.open = OpenOutput::Unknown(header);
            }
            None => return false,
        }
        self.header.push(*line);
        true
    }

    fn begin(&mut self, format: &'static TableFormat, header: Header) {
        self.close();
        if !format.is_ambiguous {
            self.end_connection();
        }
        self.open = OpenOutput::Table(Box::new(OpenTable::new(format, header)));
        self.bare.begin_table();
    }

    /// Whether no table is open whose rows begin with a bar.
    fn has_no_bars(&self) -> bool {
        !matches!(&self.open, OpenOutput::Table(table) if table.has_bars())
    }

    /// Whether a table of connections can be one of consumers: a command above it may say that they are producers.
    fn may_be_consumers(&self) -> bool {
        !matches!(self.prints, Some(Prints::Unknown(_)))
    }

    /// Joins a line with the header above it, if a terminal has broken one header into both. False if it has not.
    fn continues_header(&mut self, header: &[PasteLine<'t>], line: &PasteLine<'t>) -> bool {
        let has_room = (1..4).contains(&header.len()) && line.text.contains('#');
        let before = match &self.open {
            OpenOutput::Table(table) if has_room => table.headings(),
            OpenOutput::Unknown(header) if has_room => header.headings.len(),
            _ => return false,
        };
        let parts = || header.iter().map(|line| line.text).chain([line.text]);
        let wholes = [parts().collect::<String>(), parts().collect::<Vec<_>>().join(" ")];
        let found = wholes.iter().find_map(|whole| {
            let joined = Header::of(&PasteLine { text: whole, start: header[0].start })?;
            let format =
                known_tables::with(&joined).filter(|format| !format.is_ambiguous || self.may_be_consumers())?;
            // The last one may go on in the next line.
            let (last, others) = joined.headings.split_last()?;
            let is_known =
                others.iter().all(|heading| format.knows(&heading.name)) && format.knows_beginning(&last.name);
            (is_known && joined.headings.len() > before).then_some((format, joined))
        });
        let Some((format, joined)) = found else { return false };
        let place = header[0].start..line.start + line.text.len();
        if matches!(self.open, OpenOutput::Unknown(_)) {
            self.context.notes.withdraw(header[0].place());
        }
        self.begin(format, joined.of_lines(place));
        if let OpenOutput::Table(table) = &mut self.open {
            table.set_width(header[0].text.chars().count());
        }
        self.header = header.to_vec();
        self.header.push(*line);
        true
    }

    // ---- keys and values -----------------------------------------------------------------------------------------

    fn read_description(&mut self, line: &PasteLine<'t>) -> bool {
        let Some(described) = Described::of(line) else { return false };
        if !matches!(self.open, OpenOutput::Described(_)) {
            self.close();
            self.open = OpenOutput::Described(kafka::Topics::default());
        }
        if let OpenOutput::Described(topics) = &mut self.open {
            match topics.line(line, &described, &mut self.context) {
                Ok(()) => self.has_output = true,
                Err(problem) => self.context.notes.missing(problem),
            }
        }
        true
    }

    fn read_setting(&mut self, line: &PasteLine<'t>) -> bool {
        let place = line.trimmed().place();
        if is_banner(line.text) {
            self.close();
            self.open = OpenOutput::Settings(BrokerSettings::new(place));
            return true;
        }
        let Some((key, value)) = setting(line.text) else { return false };
        let is_of_same_broker = matches!(&self.open, OpenOutput::Settings(settings) if !settings.begins_another(key));
        if !is_of_same_broker {
            self.close();
            self.open = OpenOutput::Settings(BrokerSettings::new(place.clone()));
        }
        if let OpenOutput::Settings(settings) = &mut self.open {
            settings.set(key, value);
            settings.extend(place);
        }
        true
    }

    // ---- names and text ------------------------------------------------------------------------------------------

    /// A line below no table: a name of a list, if it may be one.
    fn name_or_text(&mut self, line: &PasteLine<'t>) {
        let name = paste::without_bullet(*line);
        match &self.prints {
            Some(Prints::Unknown(called)) => {
                let problem = unknown_output(called, line.trimmed().place());
                return self.context.notes.missing(problem);
            }
            Some(Prints::Names(names)) if is_name(name.text) => {
                let names = *names;
                self.has_output = true;
                return self.bare.add_listed(names, &name, &mut self.context);
            }
            _ => {}
        }
        if is_name(name.text) {
            let number = self.context.notes.line(name.start);
            return self.bare.push(name, number);
        }
        if self.is_after_blank && matches!(self.prints, Some(Prints::Names(_))) {
            self.prints = None;
        }
        self.bare.has_text = true;
        let message = "this line is of no output that is known";
        self.context.notes.missing(problem(line.trimmed().place(), message, "not known", WHAT_IS_READ));
    }

    // ---- ends ----------------------------------------------------------------------------------------------------

    /// Gives up the lines that were kept as the beginning of a row.
    fn flush(&mut self) {
        if let OpenOutput::Table(table) = &mut self.open {
            let outcome = table.flush();
            self.note_outcome(outcome);
        }
    }

    /// Ends the output that is being read.
    fn close(&mut self) {
        self.flush();
        let ended = match std::mem::replace(&mut self.open, OpenOutput::Nothing) {
            OpenOutput::Nothing | OpenOutput::Unknown(_) => Ok(()),
            OpenOutput::Table(table) => table.end(&mut self.context),
            OpenOutput::Settings(settings) => settings.end(&mut self.context).map(|()| self.has_output = true),
            OpenOutput::Described(topics) => {
                topics.end(&mut self.context);
                Ok(())
            }
        };
        if let Err(problem) = ended {
            self.context.notes.missing(problem);
        }
    }

    fn end_connection(&mut self) {
        if let Some(connection) = self.context.connection.take()
            && let Err(problem) = connection.end(&mut self.context)
        {
            self.context.notes.missing(problem);
        }
    }

    fn end(mut self) -> Notes {
        self.close();
        self.end_connection();
        self.has_output |= self.bare.end(&mut self.context);
        let mut notes = self.context.notes;
        if !self.has_output {
            note_that_file_is_empty(&mut notes);
        }
        notes
    }
}

/// Notes that there is no output in a file, unless something in it is noted as missing.
pub(super) fn note_that_file_is_empty(notes: &mut Notes) {
    if !notes.is_something_missing() {
        notes.missing(problem(0..0, "there is no output in the file", "nothing here", WHAT_IS_READ));
    }
}

/// Whether a line begins another output, so that no JSON goes on with it.
fn is_boundary(line: &str) -> bool {
    let line = PasteLine { text: line, start: 0 };
    let text = line.text.trim_start();
    if text.starts_with('#') {
        return Header::of(&line).is_some_and(|header| known_tables::with(&header).is_some());
    }
    (text.contains("mqadmin") || text.contains("kafka-")) && {
        let shell_line = ShellLine::of(&line);
        CalledCommand::of(shell_line.command, shell_line.has_prompt).is_some()
    }
}

fn unknown_table(line: &PasteLine<'_>) -> Problem {
    problem(line.trimmed().place(), "no table of these columns is known", "not known", WHAT_IS_READ)
}

fn unknown_output(called: &str, place: std::ops::Range<usize>) -> Problem {
    let called: String = called.chars().take(60).collect();
    problem(place, format!("what `{called}` prints is not known"), "not known", WHAT_IS_READ)
}
