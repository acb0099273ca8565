//! capelint sends nothing anywhere: none of its dependencies can open a connection.

use std::process::Command;

#[test]
fn no_crate_of_the_tree_opens_connections() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo tree");
    let tree = String::from_utf8_lossy(&tree.stdout).into_owned();
    assert!(tree.contains("capelint") && tree.contains("csv"), "{tree}");
    const CONNECT: [&str; 14] = [
        "hyper",
        "reqwest",
        "ureq",
        "curl",
        "tokio",
        "mio",
        "socket2",
        "rustls",
        "native-tls",
        "openssl",
        "async-std",
        "isahc",
        "attohttpc",
        "quinn",
    ];
    for name in tree.lines().filter_map(|line| line.split_whitespace().next()) {
        assert!(!CONNECT.contains(&name), "{name} can open connections");
    }
}

#[test]
fn no_source_file_names_a_socket() {
    fn look(folder: &std::path::Path) {
        for file in std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok) {
            let path = file.path();
            if path.is_dir() {
                look(&path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source file");
                assert!(!text.contains("std::net"), "{}", path.display());
            }
        }
    }
    look(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
}
