//! The time series of a run as CSV, for spreadsheets and notebooks. It knows nothing of how a value is read.

use csv::Writer;

use crate::observe::Series;
use crate::observe::Unit;
use crate::observe::expectation::name;
use crate::observe::metric::metric;
use crate::observe::series::Column;
use crate::plan::Plan;

/// A series as CSV: a header, and a row for each interval that is over.
///
/// `from_s` and `to_s` are the limits of the interval: a row is of what happens after the one and up to the other, that
/// included. Every other column is a metric of one subject, `max_lag order-service`, as [`crate::observe::metric`] defines it for a span; times
/// are in seconds, and say so: `latency_p99_s order-service`. A metric without a value is an empty field. Fields are
/// quoted where [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180) asks for it; lines end in `\r\n` as it says.
#[must_use]
pub fn series(series: &Series) -> String {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let names = series.columns().iter().map(|column| column_name(series.plan(), column));
    write_row(&mut csv, ["from_s".to_owned(), "to_s".to_owned()].into_iter().chain(names));
    for (place, (from, to)) in series.intervals().enumerate() {
        let times = [from, to].map(|at| at.seconds().to_string());
        let values = series.columns().iter().map(|column| column.values[place]);
        let values = values.map(|value| value.map(|value| value.number().to_string()).unwrap_or_default());
        write_row(&mut csv, times.into_iter().chain(values));
    }
    let bytes = csv.into_inner().expect("memory takes all that is written to it");
    String::from_utf8(bytes).expect("all fields are text")
}

fn write_row(csv: &mut Writer<Vec<u8>>, fields: impl Iterator<Item = String>) {
    csv.write_record(fields).expect("rows have one length, and memory takes them");
}

fn column_name(plan: &Plan, column: &Column) -> String {
    let unit = match metric(column.metric).map(|metric| metric.unit) {
        Some(Unit::Time) => "_s",
        _ => "",
    };
    format!("{}{unit} {}", column.metric, name(plan, column.subject).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::kernel::Time;
    use crate::observe::Observer;
    use crate::observe::sample::{SHOP, message, ms, plan, record};
    use crate::plan::QueueId;
    use crate::record::{Kind, Sink as _};

    #[test]
    fn a_row_has_the_limits_of_its_interval_and_a_value_for_each_column() {
        let mut plan = plan();
        plan.nodes[SHOP].name = "shop, \"old\"".to_owned();
        let mut observer = Observer::new(Arc::new(plan));
        let mut kept = Series::new(&observer);
        let sent = Kind::Sent { message: message(1), queue: QueueId(0), attempt: 1, key: None };
        let accepted = Kind::Accepted { message: message(1) };
        for (seq, at, kind) in [(1, 20, sent), (2, 60, accepted)] {
            let record = record(ms(at), seq, SHOP, kind);
            observer.record(&record);
            kept.after_record(&record, &observer);
        }
        kept.close(Time(150_000_000), &observer);
        let text = series(&kept);
        let lines: Vec<&str> = text.split_terminator("\r\n").collect();
        assert!(lines[0].starts_with(
            "from_s,to_s,sent orders,\"response_p50_s shop, \"\"old\"\"\",\"response_p99_s shop, \"\"old\"\"\",response_p50_s direct,"
        ));
        assert!(lines[0].contains(",done order-service,max_lag order-service,latency_p50_s order-service,"));
        assert_eq!(lines[1], "0,0.1,1,0.04,0.04,,,0,0,,,0,0,0,0,0");
        assert_eq!(lines[2], "0.1,0.15,0,,,,,0,0,,,0,0,0,0,0");
        assert_eq!((lines.len(), text.ends_with("\r\n")), (3, true));
    }
}
