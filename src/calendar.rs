//! Computes days: filing dates, working days, and when a monthly statement is due.
//!
//! CBP's days are US Eastern calendar days. Nothing here reads the clock.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc, Weekday};

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Calendar days.
    Days,
    /// Calendar months; the day is cut to the month's last.
    Months,
    /// Monday to Friday, without federal holidays.
    WorkingDays,
}

impl Unit {
    /// What rule files call several of them.
    pub fn name(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Months => "months",
            Self::WorkingDays => "working days",
        }
    }
}

/// The day it is in US Eastern time at a given moment: four hours behind UTC from the second Sunday
/// of March to the first Sunday of November, each at 2 a.m., five hours otherwise (15 USC 260a, in
/// force since 2007). A whole database of time zones would take longer to load than all rules.
pub fn eastern_day(now: DateTime<Utc>) -> NaiveDate {
    let sunday = |month, which, hour| {
        let day = NaiveDate::from_weekday_of_month_opt(now.year(), month, Weekday::Sun, which)?;
        Some(day.and_hms_opt(hour, 0, 0)?.and_utc())
    };
    let is_saving =
        sunday(3, 2, 7).is_some_and(|begin| begin <= now) && sunday(11, 1, 6).is_some_and(|end| now < end);
    (now.naive_utc() - TimeDelta::hours(if is_saving { 4 } else { 5 })).date()
}

/// Federal holidays, and with them working days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holidays {
    sorted: Vec<NaiveDate>,
}

impl Holidays {
    /// A calendar of these holidays. Working days are known only in years that have one.
    pub fn new(mut days: Vec<NaiveDate>) -> Self {
        days.sort_unstable();
        days.dedup();
        Self { sorted: days }
    }

    /// Whether the day is Monday to Friday and not a federal holiday; `None` outside the years
    /// whose holidays are known.
    pub fn is_working_day(&self, day: NaiveDate) -> Option<bool> {
        let (first, last) = (self.sorted.first()?, self.sorted.last()?);
        if !(first.year()..=last.year()).contains(&day.year()) {
            return None;
        }
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        Some(!weekend && self.sorted.binary_search(&day).is_err())
    }

    /// The day itself where it is a working day, else the first working day after it; `None` outside
    /// the years whose holidays are known.
    ///
    /// A period that ends on a day on which CBP is closed ends on the next day it is open
    /// (T.D. 53961(1); Thalson Co. v. United States, 28 Cust. Ct. 536).
    pub fn next_working_day(&self, day: NaiveDate) -> Option<NaiveDate> {
        let mut at = day;
        while !self.is_working_day(at)? {
            at = at.succ_opt()?;
        }
        Some(at)
    }

    /// The day moved by a number of units; `None` where that is unknown (working days of
    /// years without a holiday list, dates out of range).
    pub fn shift(&self, day: NaiveDate, by: i32, unit: Unit) -> Option<NaiveDate> {
        let amount = by.unsigned_abs();
        match (unit, by >= 0) {
            (Unit::Days, true) => day.checked_add_days(Days::new(amount.into())),
            (Unit::Days, false) => day.checked_sub_days(Days::new(amount.into())),
            (Unit::Months, true) => day.checked_add_months(Months::new(amount)),
            (Unit::Months, false) => day.checked_sub_months(Months::new(amount)),
            (Unit::WorkingDays, forward) => {
                let mut at = day;
                let mut left = amount;
                while left > 0 {
                    at = if forward { at.succ_opt()? } else { at.pred_opt()? };
                    if self.is_working_day(at)? {
                        left -= 1;
                    }
                }
                Some(at)
            }
        }
    }

    /// The day on which the periodic monthly statement of a day's month is due: the 15th working
    /// day of the following month (19 USC 1505(a)).
    pub fn monthly_statement_due(&self, day: NaiveDate) -> Option<NaiveDate> {
        let first = day.with_day(1)?.checked_add_months(Months::new(1))?;
        self.shift(first.pred_opt()?, 15, Unit::WorkingDays)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn holidays() -> Holidays {
        Holidays::new(
            ["2026-01-01", "2026-01-19", "2026-02-16", "2026-11-26", "2026-12-25"].map(day).to_vec(),
        )
    }

    #[test]
    fn the_day_is_eastern() {
        let at = |text: &str| eastern_day(text.parse::<DateTime<Utc>>().unwrap());
        assert_eq!(at("2026-11-23T04:59:59Z"), day("2026-11-22"));
        assert_eq!(at("2026-11-23T05:00:00Z"), day("2026-11-23"));
        // Daylight saving time.
        assert_eq!(at("2026-07-07T03:59:59Z"), day("2026-07-06"));
        assert_eq!(at("2026-07-07T04:00:00Z"), day("2026-07-07"));
    }

    #[test]
    fn eastern_days_are_those_of_the_time_zone_database() {
        let first = day("2007-01-01").and_hms_opt(0, 0, 0).unwrap().and_utc();
        for half_hour in 0..(2 * 24 * 366 * 60) {
            let now = first + TimeDelta::minutes(30 * half_hour);
            let known = now.with_timezone(&chrono_tz::America::New_York).date_naive();
            assert_eq!(eastern_day(now), known, "{now}");
        }
    }

    #[test]
    fn statements_are_due_on_the_fifteenth_working_day_of_the_next_month() {
        // February 2026 has Presidents' Day on the 16th.
        assert_eq!(holidays().monthly_statement_due(day("2026-01-31")), Some(day("2026-02-23")));
        assert_eq!(holidays().monthly_statement_due(day("2026-01-01")), Some(day("2026-02-23")));
        assert_eq!(holidays().monthly_statement_due(day("2026-12-01")), None, "2027 has no holiday list");
    }

    #[test]
    fn a_period_ends_on_a_day_on_which_cbp_is_open() {
        let moved = |text: &str| holidays().next_working_day(day(text));
        assert_eq!(moved("2026-11-20"), Some(day("2026-11-20")));
        assert_eq!(moved("2026-11-21"), Some(day("2026-11-23")), "a Saturday");
        assert_eq!(moved("2026-11-26"), Some(day("2026-11-27")), "a holiday");
        assert_eq!(moved("2026-12-31"), Some(day("2026-12-31")));
        assert_eq!(moved("2027-01-04"), None, "2027 has no holiday list");
    }

    #[test]
    fn shifts_go_both_ways() {
        let all = holidays();
        assert_eq!(all.shift(day("2026-11-22"), -80, Unit::Days), Some(day("2026-09-03")));
        assert_eq!(all.shift(day("2026-01-31"), 1, Unit::Months), Some(day("2026-02-28")));
        assert_eq!(all.shift(day("2026-11-25"), 1, Unit::WorkingDays), Some(day("2026-11-27")));
        assert_eq!(all.shift(day("2026-11-27"), -1, Unit::WorkingDays), Some(day("2026-11-25")));
        assert_eq!(all.shift(day("2026-11-25"), 0, Unit::WorkingDays), Some(day("2026-11-25")));
    }
}
