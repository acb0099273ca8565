//! `capelint check` on a declaration and an ES-003 of any bytes.
#![no_main]

mod run;

use capelint::internals::table::reference::Chunks;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8], &[u8])| {
    let (choice, declaration, es003) = input;
    let name = ["march.csv", "march.xlsx", "march.txt", "march"][usize::from(choice % 4)];
    // Small chunks put their seams into small files.
    let chunks = Chunks {
        size: 1 + usize::from(choice),
        window: 1 + usize::from(choice & 31),
        beyond: usize::from(choice >> 4),
    };
    run::check(name, declaration, (choice & 4 == 0).then_some(es003), chunks);
});
