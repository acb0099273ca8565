//! The days by which entries have to be filed: the next days one by one, then week by week.

use chrono::{Days, NaiveDate};
use maud::{Markup, html};

use super::super::{ReportInput, text};
use super::{capital, section as page_section};
use crate::duty::DutySum;
use crate::finding::Entry;

/// How many entries have which last day to file.
pub fn section(input: ReportInput<'_>) -> Markup {
    let outcome = input.outcome;
    let today = outcome.filing_date;
    let known: Vec<(NaiveDate, &Entry)> =
        outcome.entries.iter().filter_map(|entry| Some((entry.deadline?, entry))).collect();
    if known.is_empty() {
        return Markup::default();
    }
    let buckets = buckets(today, &known);
    let most = buckets.iter().map(|bucket| bucket.entries.len()).max().unwrap_or(1).max(1);
    let past = known.iter().filter(|(day, _)| *day < today).count();
    let unknown = outcome.entries.len() - known.len();
    let mut notes = Vec::new();
    if past > 0 {
        let have = if past == 1 { "has" } else { "have" };
        notes.push(format!("{} {have} left it already", text::count(past, "entry", "entries")));
    }
    if unknown > 0 {
        notes.push(format!("for {} no such day is known", text::count(unknown, "entry", "entries")));
    }
    let content = html! {
        "\n" p.key {
            span { "ready, or with warnings" }
            span.later { "not ready: resolve it before that day" }
        }
        "\n" table.window {
            thead {
                tr {
                    th scope="col" { "Last day to file" }
                    th scope="col" { span.skip { "Share" } }
                    th.n scope="col" { "Entries" }
                    th."n money" scope="col" { "IEEPA duty" }
                }
            }
            tbody {
                @for bucket in &buckets {
                    (row(bucket, most))
                }
            }
        }
        @if !notes.is_empty() {
            "\n" p.honest { (capital(&notes.join("; "))) "." }
        }
    };
    page_section("window", "Filing deadlines", &content)
}

fn row(bucket: &Bucket<'_>, most: usize) -> Markup {
    let ready = bucket.entries.iter().filter(|entry| entry.after_waivers.may_be_uploaded()).count();
    let percent = |count: usize| format!("{:.2}%", count as f64 * 100.0 / most as f64);
    let rest = bucket.entries.len() - ready;
    let duty = DutySum::of(bucket.entries.iter().copied()).in_short();
    html! {
        "\n" tr {
            td { (bucket.name) @if bucket.is_week { " " span.soft { "(week)" } } }
            td.track {
                svg aria-hidden="true" {
                    rect.ready width=(percent(ready)) height="100%" {}
                    rect.later x=(percent(ready)) width=(percent(rest)) height="100%" {}
                }
            }
            td.n { (text::thousands(bucket.entries.len())) }
            td."n money" { (duty.unwrap_or_default()) }
        }
    }
}

/// Entries whose window closes in the same days.
struct Bucket<'a> {
    name: String,
    is_week: bool,
    entries: Vec<&'a Entry>,
}

/// The next 7 days one by one, if the window of any entry closes in them; then weeks, to the last that has
/// any. Weeks in between stay, empty, so that the distance is seen.
fn buckets<'a>(today: NaiveDate, known: &[(NaiveDate, &'a Entry)]) -> Vec<Bucket<'a>> {
    let coming: Vec<(i64, &'a Entry)> = known
        .iter()
        .map(|(day, entry)| ((*day - today).num_days(), *entry))
        .filter(|(ahead, _)| *ahead >= 0)
        .collect();
    let Some(last) = coming.iter().map(|(ahead, _)| *ahead).max() else { return Vec::new() };
    let mut buckets = Vec::new();
    let mut from: i64 = 0;
    while from <= last {
        let days = if from < 7 { 1 } else { 7 };
        let entries: Vec<&Entry> = coming
            .iter()
            .filter(|(ahead, _)| (from..from + days).contains(ahead))
            .map(|(_, entry)| *entry)
            .collect();
        let day = |ahead: i64| today.checked_add_days(Days::new(ahead.unsigned_abs())).unwrap_or(today);
        let name = match (days, from) {
            (1, 0) => format!("{} (filing day)", day(0)),
            (1, _) => day(from).format("%Y-%m-%d, %a").to_string(),
            _ => format!("{} to {}", day(from), day(from + days - 1).format("%m-%d")),
        };
        if !entries.is_empty() || days > 1 {
            buckets.push(Bucket { name, is_week: days > 1, entries });
        }
        from += days;
        // A date far off would make thousands of empty weeks.
        if buckets.len() >= 60 {
            let rest: Vec<&Entry> =
                coming.iter().filter(|(ahead, _)| *ahead >= from).map(|(_, entry)| *entry).collect();
            if !rest.is_empty() {
                let name = format!("{} and later", day(from));
                buckets.push(Bucket { name, is_week: false, entries: rest });
            }
            break;
        }
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn the_next_days_stand_alone_and_then_weeks() {
        let fixture = fixture::everything_fails(140);
        let known: Vec<_> =
            fixture.outcome.entries.iter().filter_map(|entry| Some((entry.deadline?, entry))).collect();
        let buckets = buckets(fixture.outcome.filing_date, &known);
        let names: Vec<&str> = buckets.iter().map(|bucket| bucket.name.as_str()).take(9).collect();
        assert_eq!(names[0], "2026-11-22 (filing day)");
        assert_eq!(names[6], "2026-11-28, Sat");
        assert_eq!(names[7], "2026-11-29 to 12-05");
        assert_eq!(buckets[7].entries.len(), 14);
        assert_eq!(buckets.iter().map(|bucket| bucket.entries.len()).sum::<usize>(), 140);
    }
}
