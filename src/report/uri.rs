//! Writes paths as URIs, as SARIF requires them.

use std::borrow::Cow;

/// A path as a URI: with slashes, relative where it is, everything unusual percent-encoded.
pub fn uri(path: &str) -> String {
    let path = with_slashes(path);
    let path = path.strip_prefix("./").unwrap_or(&path);
    // Elsewhere a colon may be in a name.
    let drive = match path.as_bytes() {
        [letter, b':', rest @ ..] => {
            letter.is_ascii_alphabetic() && (cfg!(windows) || rest.first() == Some(&b'/'))
        }
        _ => false,
    };
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

/// A path with slashes between folders. Elsewhere than on Windows a backslash is a character of a name like any
/// other: `a\b.csv` is not `a/b.csv`.
pub fn with_slashes(path: &str) -> Cow<'_, str> {
    let windows = cfg!(windows) || matches!(path.as_bytes(), [b'A'..=b'Z' | b'a'..=b'z', b':', b'\\', ..]);
    if windows { Cow::Owned(path.replace('\\', "/")) } else { Cow::Borrowed(path) }
}

#[cfg(test)]
mod tests {
    use super::{uri, with_slashes};

    #[test]
    fn files_with_a_backslash_in_their_name_are_not_those_of_a_folder() {
        assert_eq!(with_slashes("a\\b.csv"), if cfg!(windows) { "a/b.csv" } else { "a\\b.csv" });
        assert_eq!(with_slashes("C:\\a\\b.csv"), "C:/a/b.csv");
        assert_eq!(with_slashes("a/b.csv"), "a/b.csv");
    }

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
            ("a:b", if cfg!(windows) { "file:///a:b" } else { "a%3Ab" }),
            ("a:/b", "file:///a:/b"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
