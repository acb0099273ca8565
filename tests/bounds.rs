//! What hostile files may cost: the time grows with the size of a file, or the file is refused with the
//! reason. Times are compared with each other, never with a clock.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Runs a check in a folder: how long it took, and what it printed.
fn check(folder: &Path, arguments: &str) -> (Duration, String) {
    let begun = Instant::now();
    let done = Command::new(env!("CARGO_BIN_EXE_capelint"))
        .args(["check", "--isolated", "--filing-date", "2026-11-22", "--format", "short"])
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .expect("capelint");
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    (begun.elapsed(), said)
}

/// An ES-003 of one entry with that many rows, three to a line.
fn export(rows: usize) -> String {
    let header = "Entry Summary Number,Entry Summary Line Number,HTS Number - Full,Line Tariff Duty Amount,Line Tariff Goods Value Amount,Entry Date,Liquidation Status,Liquidation Date\n";
    let row = |at: usize| {
        let hts = if at.is_multiple_of(3) { "8471300100" } else { "99030125" };
        format!("ABC12345676,{},{hts},{at}.00,{at},11/20/2025,Unliquidated,\n", at / 3 + 1)
    };
    header.to_owned() + &(0..rows).map(row).collect::<String>()
}

/// A rule with that condition.
fn rule(condition: &str) -> String {
    format!(
        "rules:\n  - id: house-rule\n    title: t\n    severity: note\n    {condition}\n    message: m\n    sources: [s]\n"
    )
}

#[test]
fn a_rule_on_each_row_does_not_take_the_square_of_the_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("d.csv"), "Entry Number\r\nABC12345676\r\n").expect("a declaration");
    for rows in [200, 16_000] {
        fs::write(folder.join(format!("{rows}.csv")), export(rows)).expect("an export");
    }
    for (condition, is_refused) in [
        (
            "each: es003\n    forbid: { some: es003, where: { goods_value: { above: es003.goods_value } } }",
            true,
        ),
        (
            "each: es003\n    require: { count: es003, where: { duty: { above: es003.duty } }, at_most: 5 }",
            true,
        ),
        (
            "each: entry\n    forbid: { some: es003, where: { some: es003, where: { duty: es003.goods_value } } }",
            true,
        ),
        (
            "each: es003\n    forbid: { some: es003, where: { liquidation_date: { after: 2026-01-01 } } }",
            true,
        ),
        ("each: es003\n    forbid: { es003.duty: { above: total(es003.duty) } }", false),
        ("each: es003\n    forbid: { es003.duty: { above: total(es003.line_duty) } }", false),
        ("each: es003\n    forbid: { es003.entry_date: { after: earliest(es003.entry_date) } }", false),
        ("each: es003\n    forbid: { some: es003, on: line, where: { duty: { above: es003.duty } } }", false),
    ] {
        fs::write(folder.join("house.yaml"), rule(condition)).expect("a rule");
        let run = |rows: usize| {
            check(folder, &format!("d.csv --es003 {rows}.csv --rules house.yaml --select house-rule"))
        };
        let ((small, _), (large, said)) = (run(200), run(16_000));
        // 80 times the rows; the square would be 6,400 times.
        assert!(large < small * 40, "{condition}: {small:?} and {large:?}");
        assert_eq!(said.contains("the entry has more than 2,048 rows"), is_refused, "{condition}: {said}");
    }
}

#[test]
fn an_entry_that_is_not_too_large_is_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("d.csv"), "Entry Number\r\nABC12345676\r\n").expect("a declaration");
    // On both sides of the limit. The first row is the one that is compared with all; it is never above.
    let condition = "each: es003\n    when: { es003.duty: 0 }\n    forbid: { some: es003, where: { duty: { above: es003.duty } } }";
    fs::write(folder.join("house.yaml"), rule(condition)).expect("a rule");
    for (rows, is_decided) in [(2_048, true), (2_049, false)] {
        fs::write(folder.join("e.csv"), export(rows)).expect("an export");
        let (_, said) = check(folder, "d.csv --es003 e.csv --rules house.yaml --select house-rule");
        assert_eq!(said.contains("note[house-rule]"), is_decided, "{rows}: {said}");
        assert_eq!(said.contains("the entry has more than 2,048 rows"), !is_decided, "{rows}: {said}");
    }
}

#[test]
fn large_patterns_and_conditions_that_multiply_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("d.csv"), "Entry Number\r\nABC12345676\r\n").expect("a declaration");
    let pattern = "      { row.entry: { matches: '([A-Z]{1,90}){1,90}[0-9]' } },\n";
    let patterns = rule(&format!("each: row\n    forbid: {{ any: [\n{}    ] }}", pattern.repeat(9_000)));
    let doubled = |n: usize| format!("  c{n}: {{ any: [{{ c{0}: yes }}, {{ c{0}: yes }}] }}\n", n - 1);
    let conditions = "conditions:\n  c0: { row.entry: ABC12345676 }\n".to_owned()
        + &(1..=40).map(doubled).collect::<String>()
        + &rule("each: row\n    forbid: { c40: yes }");
    for (rules, why) in [
        (patterns, "the regular expressions of the rule files are too large together"),
        (conditions, "the rule files have more than 200,000 conditions"),
    ] {
        fs::write(folder.join("house.yaml"), rules).expect("rules");
        let (_, said) = check(folder, "d.csv --rules house.yaml");
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn wide_files_do_not_take_the_square_of_the_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let wide = |key: &str, header: &dyn Fn(usize) -> String, cell: &str, columns: usize| {
        let headers: String = (0..columns).map(|at| format!(",{}", header(at))).collect();
        let row = format!("ABC12345676{}\n", format!(",{cell}").repeat(columns));
        format!("{key}{headers}\n{}", row.repeat(10))
    };
    fs::write(folder.join("d.csv"), "Entry Number\r\nABC12345676\r\n").expect("a declaration");
    for columns in [400, 16_000] {
        let one_name = wide("Entry Summary Number", &|_| "Liquidation Date".into(), "08/21/2026", columns);
        fs::write(folder.join(format!("one-{columns}.csv")), one_name).expect("an export");
        let unread = wide("Entry Number", &|at| format!("Foo{at}"), "12-3456789", columns);
        fs::write(folder.join(format!("unread-{columns}.csv")), unread).expect("a planning sheet");
    }
    for arguments in ["d.csv --es003 one-N.csv", "unread-N.csv"] {
        let run = |columns: usize| check(folder, &arguments.replace('N', &columns.to_string())).0;
        let (small, large) = (run(400), run(16_000));
        // 40 times the columns; the square would be 1,600 times.
        assert!(large < small * 60, "{arguments}: {small:?} and {large:?}");
    }
}
