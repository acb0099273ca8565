//! Writes the JavaScript and the types that belong to a WebAssembly module: what the program
//! `wasm-bindgen` does, but of the version that `Cargo.lock` names, so that nothing has to be installed
//! and the two never disagree.
//!
//! Usage: `bindgen MODULE.wasm FOLDER`

use std::error::Error;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(module), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bindgen MODULE.wasm FOLDER".into());
    };
    Bindgen::new()
        .input_path(module)
        .web(true)?
        // The page hands the module over; the script has no address to load it from.
        .omit_default_module_path(true)
        .typescript(true)
        .out_name("engine")
        .generate(folder)?;
    Ok(())
}
