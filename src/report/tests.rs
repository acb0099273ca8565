//! All formats over one outcome.

use super::fixture::{self, Fixture};
use super::*;

fn all() -> Options {
    Options { max_per_rule: None, base: Some("/home/ada/book".into()), ..Options::default() }
}

#[test]
fn every_format_of_the_shared_fixture() {
    let fixture = fixture::hostile();
    for (name, format) in Format::ALL {
        insta::assert_snapshot!(name, fixture.render(format, &all()));
    }
}

#[test]
fn every_format_of_a_clean_outcome() {
    let fixture = fixture::clean();
    for (name, format) in Format::ALL {
        if format != Format::Html {
            insta::assert_snapshot!(format!("clean_{name}"), fixture.render(format, &all()));
        }
    }
}

#[test]
fn human_with_colours_caps_and_statistics() {
    let options = Options { color: true, ..Options::default() };
    let mut fixture = fixture::with("plain");
    fixture.outcome.findings.truncate(1);
    insta::assert_snapshot!("human_color", fixture.render(Format::Human, &options).replace('\u{1b}', "\\e"));
    let fixture = fixture::with("plain");
    let options = Options { max_per_rule: Some(1), statistics: true, ..Options::default() };
    insta::assert_snapshot!("human_statistics", fixture.render(Format::Human, &options));
    let quiet = fixture.render(Format::Human, &Options { quiet: true, ..all() });
    assert!(quiet.contains("error[duplicate-entry]") && !quiet.contains("first deadline"), "{quiet}");
}

/// Not a check but a measurement: `cargo test --release --lib report::tests::speed -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn speed_when_everything_fails() {
    let fixture = fixture::everything_fails(9_999);
    for (name, format) in Format::ALL {
        let mut best = std::time::Duration::MAX;
        let mut bytes = 0;
        for _ in 0..10 {
            let start = std::time::Instant::now();
            bytes = fixture.render(format, &all()).len();
            best = best.min(start.elapsed());
        }
        println!("{name:<9} {best:>10.1?} {:>6.1} MB", bytes as f64 / 1e6);
    }
}
