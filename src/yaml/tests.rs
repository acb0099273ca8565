use super::*;

fn tree(text: &str) -> Result<Tree, Vec<Diagnostic>> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let (file, read) = read("a.yaml", text.as_bytes(), &mut sources, &mut diagnostics);
    match read.and_then(|text| parse(file, &text, &mut diagnostics)) {
        Some(tree) => Ok(tree),
        None => Err(diagnostics.into_sorted()),
    }
}

fn slices(tree: &Tree) -> Vec<&str> {
    (0..tree.nodes.len() as u32).map(|at| &tree.text.text[tree.range(NodeId(at))]).collect()
}

#[test]
fn every_node_knows_its_bytes() {
    let tree = tree("a: 'x y'  # c\nb:\n  - 08\n  - \"q\\\"r\"\n\nc: {d: 1, e: [2, 3]} \nf:\n").unwrap();
    assert_eq!(
        slices(&tree),
        [
            tree.text.text.trim_end().trim_end_matches(':'),
            "a",
            "'x y'",
            "b",
            "- 08\n  - \"q\\\"r\"",
            "08",
            "\"q\\\"r\"",
            "c",
            "{d: 1, e: [2, 3]}",
            "d",
            "1",
            "e",
            "[2, 3]",
            "2",
            "3",
            "f",
            ""
        ]
    );
    assert_eq!(tree.get(tree.root().unwrap(), "a").and_then(|a| tree.scalar(a)), Some("x y"));
}

#[test]
fn scalars_stay_what_was_typed() {
    let tree = tree("[9903.10, NO, 0101.21, 08, ~, 1e3, 2026-11-22]").unwrap();
    let View::Sequence(items) = tree.view(tree.root().unwrap()) else { panic!() };
    let texts: Vec<_> = items.iter().map(|item| tree.scalar(*item).unwrap()).collect();
    assert_eq!(texts, ["9903.10", "NO", "0101.21", "08", "~", "1e3", "2026-11-22"]);
}

#[test]
fn what_could_mean_something_else_is_refused() {
    for (text, code) in [
        ("a: &x 1", "yaml-anchor"),
        ("a: *x", "yaml-alias"),
        ("a: !!str 1", "yaml-tag"),
        ("<<: {a: 1}", "yaml-merge"),
        ("a: 1\na: 2", "duplicate-key"),
        ("a: 1\n---\nb: 2", "yaml-documents"),
        ("a: [1", "yaml-syntax"),
        ("a:\n\tb: 1", "yaml-syntax"),
        ("%YAML 1.1\n---\na: 1", "yaml-syntax"),
        ("[a, b]: c", "yaml-syntax"),
        ("a: \u{202e}b", "control-character"),
        ("a: \"\\e[31m\"", "control-character"),
        (&("[".repeat(70) + &"]".repeat(70)), "too-deep"),
        (&("[".repeat(700) + &"]".repeat(700)), "too-deep"),
        (&"a".repeat(MAX_FILE + 1), "too-large"),
    ] {
        let diagnostics = tree(text).unwrap_err();
        assert!(
            diagnostics.iter().any(|diagnostic| diagnostic.code.name() == code),
            "{text:.30}: {diagnostics:?}"
        );
        assert!(
            diagnostics.iter().all(|diagnostic| !diagnostic.labels.is_empty()),
            "{text:.30}: {diagnostics:?}"
        );
    }
}

#[test]
fn a_part_of_a_scalar_is_found_in_the_file() {
    for text in [
        "a: one {two} three",
        "a: \"one {two} three\"",
        "a: 'one {two} three'",
        "a: one\n  {two} three",
        "a: \"\\x6fne \\\"x\\\"\n   and {two} three\"",
        "a: 'it''s\n\n  {two} three'",
        "a: |\n  one\n  {two} three\n",
        "a: >-\n  one\n\n  {two}\n  three\n",
    ] {
        let tree = tree(text).unwrap();
        let node = tree.get(tree.root().unwrap(), "a").unwrap();
        let decoded = tree.scalar(node).unwrap();
        let at = decoded.find("two").unwrap();
        let place = tree.place_within(node, at..at + 3);
        assert_eq!(&text[place.span.range()], "two", "{text:?} {decoded:?}");
    }
}
