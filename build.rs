//! Builds the binary anew when a file is added to the rules it carries.

fn main() {
    println!("cargo:rerun-if-changed=rules");
}
