//! Checks a declaration that is in memory and prints what was found about each entry:
//! `cargo run --example lint_bytes`.

use capelint::{Check, Format, Options, Rules, Verdict};

const DECLARATION: &[u8] = include_bytes!("march/declaration.csv");
const ES003: &[u8] = include_bytes!("march/es003.csv");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rules = Rules::built_in()?;
    let mut check = Check::new(&rules, "2026-11-22".parse()?);
    check
        .declaration("declaration.csv", DECLARATION)
        .table("es003", "es003.csv", ES003)
        .nothing_to_list("protests");
    let checked = check.run()?;

    for entry in &checked.outcome.entries {
        let rules: Vec<&str> =
            entry.rules.iter().map(|rule| checked.outcome.rule(*rule).id.as_str()).collect();
        let day = entry.deadline.map_or(String::new(), |day| format!(", file by {day}"));
        println!("{}: {}{day} {}", entry.written, entry.verdict.name(), rules.join(", "));
    }
    let ready = checked.outcome.entries.iter().filter(|entry| entry.verdict == Verdict::Ready);
    println!("{} of {} entries are ready", ready.count(), checked.outcome.entries.len());

    // The same as a page, and as records for programs.
    let mut page = Vec::new();
    checked.render(Format::Html, &Options::default(), &mut page)?;
    let mut records = Vec::new();
    checked.render(Format::Jsonl, &Options::default(), &mut records)?;
    println!("{} bytes of HTML, {} records", page.len(), records.split(|byte| *byte == b'\n').count() - 1);

    // What would be uploaded.
    let plan = checked.plan(capelint::Include::default(), capelint::Sets::PerDeclaration)?;
    for file in checked.files(&plan) {
        println!("{}: {} bytes", file.name, file.bytes.len());
    }
    Ok(())
}
