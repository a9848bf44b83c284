//! Instructions in place of time: what `many` measures, counted by valgrind. One run is enough, since each is the same.

use std::process::Command;

use crate::Options;
use crate::many::{self, Many};
use crate::table::Table;

/// Runs of more than so many take minutes each.
const MOST: u32 = 100_000;

/// Many against few, per event.
pub(crate) fn of_many(options: &Options, table: &mut Table) {
    Table::heading("many ÷ few, instructions per event");
    for (row, many) in many::ALL.iter().enumerate() {
        let [few, most] = numbers(many, options);
        let name = format!("{} ({few}, {most})", many.what);
        match (per_event(row, few), per_event(row, most)) {
            (Ok(few), Ok(most)) => {
                let ratio = most / few;
                table.verdict(&name, &format!("{ratio:8.2} ×"), "1.5 ×", ratio <= 1.5);
            }
            (Err(why), _) | (_, Err(why)) => return Table::fact(&name, &why),
        }
    }
}

/// As few, and as many as can be waited for.
fn numbers(many: &Many, options: &Options) -> [u32; 2] {
    many.numbers(options.quick).map(|number| number.min(MOST))
}

/// Instructions for each event of a run of a row; or why they cannot be counted.
fn per_event(row: usize, number: u32) -> Result<f64, String> {
    let program = std::env::current_exe().expect("a program knows where it is");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no"])
        .arg("--toggle-collect=*model*measured*")
        .arg(program)
        .args(["--once", &row.to_string(), &number.to_string()])
        .output()
        .map_err(|error| format!("valgrind cannot be run: {error}"))?;
    let (events, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let collected = said.lines().find_map(|line| line.split_once("Collected :"));
    let collected = collected.and_then(|(_, number)| number.trim().parse::<f64>().ok());
    match (collected, events.trim().parse::<f64>()) {
        (Some(instructions), Ok(events)) if instructions > 0.0 => Ok(instructions / events),
        _ => Err(format!("valgrind says: {}", said.lines().last().unwrap_or_default())),
    }
}
