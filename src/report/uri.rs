//! Writes paths as URIs, as SARIF requires them.

/// A path as a URI: with slashes, relative where it is, everything unusual percent-encoded.
pub fn uri(path: &str) -> String {
    // Elsewhere a backslash is a character of a name like any other.
    let windows = cfg!(windows) || matches!(path.as_bytes(), [b'A'..=b'Z' | b'a'..=b'z', b':', b'\\', ..]);
    let path = if windows { path.replace('\\', "/") } else { path.to_owned() };
    let path = path.strip_prefix("./").unwrap_or(&path);
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    let mut uri = String::with_capacity(path.len() + 8);
    if path.starts_with('/') {
        uri.push_str("file://");
    } else if drive {
        uri.push_str("file:///");
    }
    for (at, byte) in path.bytes().enumerate() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            b':' if drive && at == 1 => uri.push(':'),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_uris() {
        for (path, expected) in [
            ("march.csv", "march.csv"),
            (
                "./week 2\\a%,b.csv",
                if cfg!(windows) { "week%202/a%25%2Cb.csv" } else { "week%202%5Ca%25%2Cb.csv" },
            ),
            ("/home/é.csv", "file:///home/%C3%A9.csv"),
            ("C:\\x.csv", "file:///C:/x.csv"),
            ("a:b", "file:///a:b"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
