//! `capelint check` on a declaration and an ES-003 of any bytes ends in a report or a reason.
#![no_main]

mod run;

use libfuzzer_sys::fuzz_target;

/// What more bytes would find, the targets that are made of structure find sooner.
const MAX_DECLARATION: usize = 1 << 10;
const MAX_EXPORT: usize = 2 << 10;

fuzz_target!(|input: (u8, &[u8], &[u8])| {
    let (choice, declaration, es003) = input;
    let name = ["march.csv", "march.xlsx", "march.txt", "march"][usize::from(choice % 4)];
    let es003 = (choice & 4 == 0).then_some(("es003.csv", &es003[..es003.len().min(MAX_EXPORT)]));
    if let Some(checked) = run::check(name, &declaration[..declaration.len().min(MAX_DECLARATION)], es003) {
        run::render(&checked, usize::from(choice >> 3));
    }
});
