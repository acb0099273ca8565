//! `capelint check` on a declaration and an ES-003 of any bytes ends in a report or a reason.
#![no_main]

mod run;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8], &[u8])| {
    let (choice, declaration, es003) = input;
    let name = ["march.csv", "march.xlsx", "march.txt", "march"][usize::from(choice % 4)];
    let es003 = (choice & 4 == 0).then_some(("es003.csv", es003));
    if let Some(checked) = run::check(name, declaration, es003) {
        run::render(&checked, usize::from(choice >> 3));
    }
});
