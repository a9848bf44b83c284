//! Tables in general: a header, rows, and which cell belongs under which column, even where some are left blank or the
//! distances are gone. It does not know what a column means.

use std::borrow::Cow;
use std::ops::Range;
use std::str::FromStr;

use super::decode::DAMAGED;
use super::named::Printed;
use super::paste::{Line, is_of_a_box};
use crate::scenario::Problem;

/// Cells of a row more than there are columns, and still looked at.
const ROOM: usize = 16;

/// What it costs to leave a cell blank: more than to put one elsewhere than below its heading.
const BLANK: u32 = 2;

/// Part of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Cell<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) place: Range<usize>,
    /// Characters of the line before it.
    column: usize,
}

/// How the cells of a table are parted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Parting {
    Blanks,
    /// These say of each cell which it is, empty ones among them.
    Bars,
    Tabs,
    Commas,
}

/// A line and its cells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Row<'t> {
    pub(super) cells: Vec<Cell<'t>>,
    /// Where each cell stands for one column.
    is_exact: bool,
}

impl<'t> Row<'t> {
    pub(super) fn of(line: &Line<'t>, parting: Parting) -> Self {
        let cells = match parting {
            Parting::Blanks => return Self { cells: words(line), is_exact: false },
            Parting::Bars => split(line, |c| c == '|' || is_of_a_box(c)),
            Parting::Tabs => split(line, |c| c == '\t'),
            Parting::Commas => split(line, |c| c == ','),
        };
        let mut row = Self { cells, is_exact: true };
        if parting == Parting::Bars {
            // What stands before the first bar, and behind the last, is no cell.
            row.cells.remove(0);
            if row.cells.last().is_some_and(|last| last.text.is_empty()) {
                row.cells.pop();
            }
        }
        row
    }

    /// The row of several lines, as it was before a terminal broke it; `is_in_a_word` says whether it did so behind a line.
    pub(super) fn of_lines(lines: &[Line<'t>], is_in_a_word: impl Fn(&Line<'_>) -> bool) -> Self {
        let mut whole = String::new();
        for line in lines {
            whole.push_str(line.text);
            if !is_in_a_word(line) {
                whole.push(' ');
            }
        }
        let first = lines.first().map_or(0, |line| line.start);
        let place = first..lines.last().map_or(first, |line| line.start + line.text.len());
        let cells = words(&Line { text: &whole, start: first }).into_iter();
        let cells = cells.map(|cell| Cell { text: Cow::Owned(cell.text.into_owned()), place: place.clone(), ..cell });
        Self { cells: cells.collect(), is_exact: false }
    }

    pub(super) fn place(&self) -> Range<usize> {
        let first = self.cells.first().map_or(0, |cell| cell.place.start);
        first..self.cells.last().map_or(first, |cell| cell.place.end)
    }
}

/// The words of a line; what stands in brackets is one.
fn words<'t>(line: &Line<'t>) -> Vec<Cell<'t>> {
    let mut words = Vec::new();
    let (mut from, mut column, mut is_in) = (0, 0, false);
    let mut depth = 0_usize;
    let has_pairs = [('(', ')'), ('{', '}')].iter().all(|(open, close)| is_paired(line.text, *open, *close));
    for (number, (at, c)) in line.text.char_indices().enumerate() {
        match c {
            '(' | '{' if has_pairs => depth += 1,
            ')' | '}' if has_pairs => depth = depth.saturating_sub(1),
            _ => {}
        }
        let is_blank = c.is_whitespace() && depth == 0;
        if is_in && is_blank {
            words.push(cell(line, from..at, column));
        } else if !is_in && !is_blank {
            (from, column) = (at, number);
        }
        is_in = !is_blank;
    }
    if is_in {
        words.push(cell(line, from..line.text.len(), column));
    }
    words
}

/// Whether each bracket that is opened is closed.
fn is_paired(text: &str, open: char, close: char) -> bool {
    let depth = text.chars().try_fold(0_usize, |depth, c| {
        if c == open {
            Some(depth + 1)
        } else if c == close {
            depth.checked_sub(1)
        } else {
            Some(depth)
        }
    });
    depth == Some(0)
}

/// The cells between signs, without blanks and without what makes a word bold or of one width on a page.
fn split<'t>(line: &Line<'t>, is_sign: impl Fn(char) -> bool) -> Vec<Cell<'t>> {
    let mut cells = Vec::new();
    let mut from = 0;
    for (at, c) in line.text.char_indices().chain([(line.text.len(), '\n')]) {
        if is_sign(c) || c == '\n' {
            let inner = Line { text: &line.text[from..at], start: line.start + from }.trimmed();
            let bare = inner.text.trim_matches(['`', '*', '"', '\'']);
            let begin = inner.start - line.start + inner.text.find(bare).unwrap_or(0);
            cells.push(cell(line, begin..begin + bare.len(), 0));
            from = at + c.len_utf8();
        }
    }
    cells
}

fn cell<'t>(line: &Line<'t>, part: Range<usize>, column: usize) -> Cell<'t> {
    let place = line.start + part.start..line.start + part.end;
    Cell { text: Cow::Borrowed(&line.text[part]), place, column }
}

// ---- headers -----------------------------------------------------------------------------------------------------

/// A column as it stands in a header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Heading {
    /// In small letters, without blanks and signs: `brokername` of `#Broker Name`.
    pub(super) name: String,
    /// As it was printed.
    shown: String,
    /// Characters of the line before it.
    column: usize,
}

/// The columns of a table, as its header has them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Header {
    pub(super) headings: Vec<Heading>,
    pub(super) place: Range<usize>,
    pub(super) parting: Parting,
    /// Whether words of one heading are apart: `column -t` took each for a column.
    is_stretched: bool,
}

impl Header {
    /// The headings of a line, if it may be a header: `#Cluster Name #Broker Name`, `GROUP TOPIC PARTITION`, cells between bars.
    pub(super) fn of(line: &Line<'_>) -> Option<Self> {
        let line = Line { text: line.text.trim_end(), ..*line };
        let inner = line.trimmed();
        let parting = if inner.text.starts_with(|c| c == '|' || is_of_a_box(c)) {
            Parting::Bars
        } else if inner.text.matches(',').count() >= 3 {
            Parting::Commas
        } else if inner.text.matches('\t').count() >= 1 {
            Parting::Tabs
        } else {
            Parting::Blanks
        };
        let exact = (parting != Parting::Blanks).then(|| Self::exact(&line, parting));
        // A tab may be a blank like others: then a cell has two signs in it.
        match exact {
            Some(exact) if exact.headings.iter().all(|heading| heading.shown.matches('#').count() <= 1) => Some(exact),
            _ => Self::loose(&line),
        }
    }

    fn exact(line: &Line<'_>, parting: Parting) -> Self {
        let row = Row::of(line, parting);
        let headings = row.cells.iter().map(|cell| heading(&cell.text, 0)).collect();
        Self { headings, place: row.place(), parting, is_stretched: true }
    }

    fn loose(line: &Line<'_>) -> Option<Self> {
        let inner = line.trimmed();
        let indent = line.text.chars().count() - line.text.trim_start().chars().count();
        let mut headings = Vec::new();
        let mut is_stretched = false;
        if inner.text.starts_with('#') {
            let mut column = indent;
            for part in inner.text.split('#').skip(1) {
                is_stretched |= part.trim().contains("  ");
                headings.push(heading(&format!("#{part}"), column));
                column += part.chars().count() + 1;
            }
        } else {
            // Headings in capitals have no blanks in them.
            let parts = words(line);
            headings = parts.iter().map(|part| heading(&part.text, part.column)).collect();
        }
        (!headings.is_empty()).then(|| Self { headings, place: inner.place(), parting: Parting::Blanks, is_stretched })
    }

    /// The same header of several lines, whose distances are not those that were printed.
    pub(super) fn of_lines(self, place: Range<usize>) -> Self {
        Self { is_stretched: true, place, ..self }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.headings.iter().any(|heading| heading.name == name)
    }

    /// Characters from the beginning of a column to that of the next one, but for the two blanks between them; nothing
    /// where the distances are not those that were printed.
    fn width(&self, name: &str) -> Option<usize> {
        if self.is_stretched {
            return None;
        }
        let at = self.headings.iter().position(|heading| heading.name == name)?;
        self.headings.get(at + 1)?.column.checked_sub(self.headings[at].column + 2)
    }
}

fn heading(part: &str, column: usize) -> Heading {
    let shown = part.trim();
    let name =
        shown.chars().filter(|c| c.is_alphanumeric() || matches!(c, '(' | ')')).flat_map(char::to_lowercase).collect();
    Heading { name, shown: shown.to_owned(), column }
}

// ---- columns -----------------------------------------------------------------------------------------------------

/// What the cells of a column are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Name,
    /// A whole number.
    Number,
    /// With or without decimals, and with a decimal comma where the machine's language has one.
    Decimal,
    /// `12.34(0,0ms)`
    Load,
    /// `{0=10.0.0.1:10911, 1=10.0.0.2:10911}`
    Addresses,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A number, or one of these words in its place.
    NumberOr(&'static [&'static str]),
    /// What a consumer asks for: `*`, `TagA || TagB`, a condition.
    Expression,
    Any,
    /// All that is left of the row.
    Rest,
}

/// A column that is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Column {
    /// As [`Heading::name`].
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Whether its cells may be left blank.
    pub(super) may_be_blank: bool,
    /// After how many characters its cells are cut, by one version or another.
    pub(super) cut_after: &'static [usize],
}

impl Column {
    pub(super) const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, may_be_blank: false, cut_after: &[] }
    }

    pub(super) const fn or_blank(self) -> Self {
        Self { may_be_blank: true, ..self }
    }

    pub(super) const fn cut_after(self, cut_after: &'static [usize]) -> Self {
        Self { cut_after, ..self }
    }
}

/// A column that is in a header, and is not known: it is passed over.
const UNKNOWN: Column = Column::new("", Kind::Any).or_blank();

impl Kind {
    /// Whether a cell is of this kind; the less the number, the more so.
    fn fits(self, cell: &str) -> Option<u32> {
        let is_number = cell.parse::<i64>().is_ok();
        let is = match self {
            Self::Name if is_decimal(cell) => return Some(2),
            Self::Name => is_name(cell),
            Self::Number => is_number,
            Self::Decimal => is_decimal(cell),
            Self::Load => cell.ends_with(')') && cell.split_once('(').is_some_and(|(load, _)| is_decimal(load)),
            Self::Addresses => cell.starts_with('{') && cell.ends_with('}'),
            Self::Word(words) => words.contains(&cell),
            Self::NumberOr(words) => is_number || words.contains(&cell),
            Self::Expression => !cell.contains(DAMAGED),
            Self::Any | Self::Rest => true,
        };
        is.then_some(0)
    }

    const fn expected(self) -> &'static str {
        match self {
            Self::Name => "a name",
            Self::Number => "a whole number",
            Self::Decimal => "a number",
            Self::Load => "messages a second, like `12.34(0,0ms)`",
            Self::Addresses => "addresses, like `{0=10.0.0.1:10911}`",
            Self::Word(_) => "another word",
            Self::NumberOr(_) => "a whole number, or a word in its place",
            Self::Expression => "what is asked for, like `*`",
            Self::Any | Self::Rest => "anything",
        }
    }
}

fn is_decimal(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
        && digits.matches(['.', ',']).count() <= 1
}

/// Whether a word may be the name of something, or an address.
fn is_name(cell: &str) -> bool {
    let is_of_a_name =
        |c: char| !matches!(c, '"' | '\'' | '`' | '{' | '}' | '(' | ')' | '<' | '>' | ',' | ';' | '=' | DAMAGED);
    cell.chars().all(is_of_a_name) && cell.chars().any(char::is_alphanumeric) && !cell.ends_with([':', '!', '?'])
}

// ---- fitting -----------------------------------------------------------------------------------------------------

/// A row with its cells under their columns.
#[derive(Debug)]
pub(super) struct Fields<'r, 't> {
    header: &'r Header,
    columns: &'r [Column],
    cells: Vec<Option<&'r Cell<'t>>>,
    row: &'r Row<'t>,
}

/// The columns of a header, as far as they are known.
pub(super) fn columns_of(header: &Header, known: &[Column]) -> Vec<Column> {
    let column = |heading: &Heading| known.iter().find(|column| column.name == heading.name).copied();
    header.headings.iter().map(|heading| column(heading).unwrap_or(UNKNOWN)).collect()
}

impl<'r, 't> Fields<'r, 't> {
    /// Puts each cell under its column: by their kinds, then by where they stand below the header.
    pub(super) fn fit(header: &'r Header, columns: &'r [Column], row: &'r Row<'t>) -> Result<Self, Problem> {
        let mut fields = Self { header, columns, cells: vec![None; columns.len()], row };
        if row.is_exact {
            fields.fit_exactly()?;
        } else {
            fields.fit_best()?;
        }
        Ok(fields)
    }

    fn fit_exactly(&mut self) -> Result<(), Problem> {
        for (number, column) in self.columns.iter().enumerate() {
            let cell = self.row.cells.get(number).filter(|cell| !cell.text.is_empty());
            match cell {
                Some(cell) if column.kind.fits(&cell.text).is_none() => return Err(self.wrong(number, cell)),
                None if !column.may_be_blank && column.kind != Kind::Rest => return Err(self.short(number)),
                _ => self.cells[number] = cell,
            }
        }
        Ok(())
    }

    fn fit_best(&mut self) -> Result<(), Problem> {
        let (columns, cells) = (self.columns.len(), &self.row.cells);
        let has_rest = self.columns.last().is_some_and(|column| matches!(column.kind, Kind::Rest | Kind::Expression));
        let most = columns + ROOM;
        if !has_rest && cells.len() > most {
            return Err(self.long(columns));
        }
        let count = cells.len().min(most);
        // The least cost of the columns from the first index on with the cells from the second one on.
        let mut costs = vec![vec![None::<u32>; count + 1]; columns + 1];
        costs[columns][count] = Some(0);
        for at in (0..columns).rev() {
            for from in (0..=count).rev() {
                let filled = self.fill(at, from).and_then(|(cost, next)| Some(cost + costs[at + 1][next]?));
                let is_blank = self.columns[at].may_be_blank || self.columns[at].kind == Kind::Rest;
                let cost = if self.columns[at].kind == Kind::Rest { 0 } else { BLANK };
                let blank = costs[at + 1][from].filter(|_| is_blank).map(|rest| rest + cost);
                costs[at][from] = match (filled, blank) {
                    (Some(filled), Some(blank)) => Some(filled.min(blank)),
                    (one, other) => one.or(other),
                };
            }
        }
        if costs[0][0].is_none() {
            return Err(self.misfit(count));
        }
        let mut from = 0;
        for at in 0..columns {
            // Where both are as good, the column that comes first is filled.
            let filled = self.fill(at, from).and_then(|(cost, next)| Some((cost + costs[at + 1][next]?, next)));
            if let Some((_, next)) = filled.filter(|(cost, _)| Some(*cost) == costs[at][from]) {
                self.cells[at] = self.row.cells.get(from);
                from = next;
            }
        }
        Ok(())
    }

    /// What it costs to put a cell under a column, and which cell is the next one.
    fn fill(&self, column: usize, from: usize) -> Option<(u32, usize)> {
        let cells = &self.row.cells;
        let count = cells.len().min(self.columns.len() + ROOM);
        let cell = cells[..count].get(from)?;
        let kind = self.columns[column].kind;
        let is_last = column + 1 == self.columns.len();
        match kind {
            Kind::Rest if is_last => return Some((0, count)),
            Kind::Expression if is_last => {
                let is_one = is_expression(cells[from..].iter().map(|cell| cell.text.as_ref()));
                return is_one.then_some((0, count));
            }
            _ => {}
        }
        let cost = kind.fits(&cell.text)?;
        let is_below = self.header.is_stretched || self.header.headings[column].column == cell.column;
        Some((cost * 100 + u32::from(!is_below), from + 1))
    }

    /// The problem of a row that does not fit: the first column that has no cell, from the left.
    fn misfit(&self, count: usize) -> Problem {
        let mut from = 0;
        for (number, column) in self.columns.iter().enumerate() {
            match self.row.cells.get(from).filter(|_| from < count) {
                Some(cell) if column.kind.fits(&cell.text).is_some() => from += 1,
                _ if column.may_be_blank || column.kind == Kind::Rest => {}
                Some(cell) => return self.wrong(number, cell),
                None => return self.short(number),
            }
        }
        self.long(from)
    }

    fn wrong(&self, column: usize, cell: &Cell<'_>) -> Problem {
        let expected = self.columns[column].kind.expected();
        let text: String = cell.text.chars().take(60).collect();
        Problem {
            place: cell.place.clone(),
            message: format!("`{}` is `{text}`, expected {expected}", self.heading(column)),
            label: format!("expected {expected}"),
            help: Some("paste the row as it was printed".to_owned()),
        }
    }

    fn short(&self, column: usize) -> Problem {
        Problem {
            place: self.row.place(),
            message: format!("the row ends before its `{}`", self.heading(column)),
            label: "too short".to_owned(),
            help: Some("is it cut off? Paste the whole row".to_owned()),
        }
    }

    fn long(&self, from: usize) -> Problem {
        Problem {
            place: self.row.cells.get(from).map_or_else(|| self.row.place(), |cell| cell.place.clone()),
            message: "the row has more cells than there are columns".to_owned(),
            label: "one too many".to_owned(),
            help: Some("paste the row as it was printed".to_owned()),
        }
    }

    fn heading(&self, column: usize) -> &str {
        &self.header.headings[column].shown
    }

    // ---- what the cells say --------------------------------------------------------------------------------------

    fn index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&'r Cell<'t>> {
        self.cells[self.index(name)?]
    }

    /// A cell of a column that is never blank; the row is short where there is no such column.
    pub(super) fn text(&self, name: &'static str) -> Result<&'r str, Problem> {
        self.get(name).map(|cell| cell.text.as_ref()).ok_or_else(|| Problem {
            place: self.row.place(),
            message: format!("the row has no `{name}`"),
            label: "too short".to_owned(),
            help: Some("paste the whole row".to_owned()),
        })
    }

    pub(super) fn number<N: FromStr>(&self, name: &'static str) -> Result<N, Problem> {
        let text = self.text(name)?;
        let (Some(column), Some(cell)) = (self.index(name), self.get(name)) else { return Err(self.long(0)) };
        text.parse().map_err(|_| self.wrong(column, cell))
    }

    /// A name, and whether more of it may have been cut off: as long as its column is wide, where the distances of the
    /// table are those that were printed.
    pub(super) fn printed(&self, name: &'static str) -> Result<Printed, Problem> {
        let text = self.text(name)?;
        let cut = self.index(name).is_some_and(|column| self.is_cut(column, text));
        Ok(Printed { name: text.to_owned(), cut })
    }

    fn is_cut(&self, column: usize, text: &str) -> bool {
        let (length, cut_after) = (text.chars().count(), self.columns[column].cut_after);
        if self.row.is_exact || !cut_after.contains(&length) || !self.is_as_printed() {
            return false;
        }
        // Versions differ in their widths: a cell that fills its column has two blanks behind it, and no more.
        let at = self.cells[column].and_then(|cell| self.row.cells.iter().position(|other| other == cell));
        let next = at.and_then(|at| Some(self.row.cells.get(at + 1)?.column - self.row.cells[at].column));
        cut_after.iter().all(|width| *width <= length) || next.is_none_or(|distance| distance == length + 2)
    }

    /// Whether the distances between the columns are those that were printed.
    fn is_as_printed(&self) -> bool {
        let is_as_wide =
            |column: &Column| self.header.width(column.name).is_some_and(|it| column.cut_after.contains(&it));
        self.columns.iter().any(is_as_wide)
    }

    /// Characters of the line before a cell.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.get(name).map(|cell| cell.column)
    }

    /// Whether a cell stands just below its heading.
    pub(super) fn is_below(&self, name: &str) -> bool {
        let column = self.index(name);
        column.is_some_and(|at| {
            self.row.is_exact || self.cells[at].is_some_and(|cell| cell.column == self.header.headings[at].column)
        })
    }

    pub(super) fn place(&self) -> Range<usize> {
        self.row.place()
    }
}

/// `*`, a tag, tags with `||` between them, or a condition.
fn is_expression<'c>(cells: impl Iterator<Item = &'c str>) -> bool {
    let cells: Vec<&str> = cells.take(200).collect();
    let has = |signs: &[&str]| cells.iter().any(|cell| signs.iter().any(|sign| cell.contains(sign)));
    cells.len() == 1 || has(&["||", "=", "<", ">", "(", "IS", "BETWEEN", "IN"])
}
