//! The cell formats of a workbook, as far as they define what a cell means: whether a number is a day, and
//! whether it is struck out.

use std::io::Read;

use hashbrown::HashMap;

use super::xml::{Token, Xml, XmlError};

/// What a cell's format defines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CellStyle {
    /// Whether its number is shown as a day.
    pub(super) is_date: bool,
    /// Whether it is struck out.
    pub(super) is_struck: bool,
}

/// The formats, by index.
#[derive(Debug, Default)]
pub(super) struct Styles(Vec<CellStyle>);

/// The most formats, fonts and number formats; spreadsheet programs have 65,490 at most.
const MAX_FORMATS: usize = 1 << 16;

impl Styles {
    /// The formats in their order.
    pub(super) fn new(formats: Vec<CellStyle>) -> Self {
        Self(formats)
    }

    /// Reads the part.
    pub(super) fn read(reader: impl Read) -> Result<Self, XmlError> {
        let mut xml = Xml::new(reader);
        let mut dates: HashMap<u32, bool> = HashMap::new();
        let mut struck: Vec<bool> = Vec::new();
        let mut styles = Vec::new();
        let (mut in_fonts, mut in_formats) = (false, false);
        let number = |value: Option<&[u8]>| std::str::from_utf8(value?).ok()?.parse::<u32>().ok();
        loop {
            if dates.len().max(struck.len()).max(styles.len()) > MAX_FORMATS {
                return Err(XmlError::Malformed("it has more cell formats than a workbook can have"));
            }
            match xml.next()? {
                Token::End => return Ok(Self(styles)),
                Token::Close(b"fonts") => in_fonts = false,
                Token::Close(b"cellXfs") => in_formats = false,
                Token::Open(tag) => match tag.name {
                    b"fonts" => in_fonts = !tag.is_empty,
                    b"cellXfs" => in_formats = !tag.is_empty,
                    b"numFmt" => {
                        if let (Some(id), Some(code)) =
                            (number(tag.attribute(b"numFmtId")), tag.text(b"formatCode"))
                        {
                            dates.insert(id, is_date_format(&code));
                        }
                    }
                    b"font" if in_fonts => struck.push(false),
                    b"strike" if in_fonts => {
                        if let Some(last) = struck.last_mut() {
                            *last = !matches!(tag.attribute(b"val"), Some(b"0" | b"false"));
                        }
                    }
                    b"xf" if in_formats => {
                        let id = number(tag.attribute(b"numFmtId")).unwrap_or(0);
                        let font = number(tag.attribute(b"fontId")).unwrap_or(0) as usize;
                        styles.push(CellStyle {
                            is_date: dates.get(&id).copied().unwrap_or_else(|| is_built_in_date(id)),
                            is_struck: struck.get(font).copied().unwrap_or(false),
                        });
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// The format of an index.
    #[inline]
    pub(super) fn get(&self, index: usize) -> CellStyle {
        self.0.get(index).copied().unwrap_or_default()
    }
}

/// Whether a number format that workbooks need not declare shows a day (ECMA-376, 18.8.30).
pub(super) fn is_built_in_date(id: u32) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45 | 47 | 50..=58)
}

/// Whether a number format shows a day or a time of day: it has a letter for one that is neither
/// quoted nor escaped. A duration (`[h]:mm`) is none.
pub(super) fn is_date_format(code: &str) -> bool {
    let mut letters = code.chars();
    // In German this is what `General` is called.
    if code.eq_ignore_ascii_case("Standard") {
        return false;
    }
    let mut is_date = false;
    while let Some(c) = letters.next() {
        match c {
            '"' => while letters.next().is_some_and(|c| c != '"') {},
            '\\' | '_' | '*' => drop(letters.next()),
            '[' => {
                let inside: String = letters.by_ref().take_while(|c| *c != ']').collect();
                if !inside.is_empty() && inside.chars().all(|c| "hHmMsS".contains(c)) {
                    return false;
                }
            }
            // Formats of positive numbers come first.
            ';' => break,
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' => is_date = true,
            _ => {}
        }
    }
    is_date
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_days_are_known() {
        for code in [
            "mm/dd/yyyy",
            "yyyy-mm-dd",
            "[$-409]d-mmm-yy;@",
            "m/d/yy h:mm",
            "\"on\" d",
            "[Red]dd.mm.yyyy",
            "h:mm AM/PM",
        ] {
            assert!(is_date_format(code), "{code}");
        }
        for code in [
            "General",
            "0.00",
            "#,##0.00_);[Red](#,##0.00)",
            "0.00E+00",
            "\"day\" 0",
            "[h]:mm",
            "[mm]:ss",
            "0\\d",
            "@",
            "$#,##0",
            "0;d",
        ] {
            assert!(!is_date_format(code), "{code}");
        }
    }

    #[test]
    fn a_cell_format_defines_what_a_cell_means() {
        let part = "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='mm\\/dd\\/yyyy'/></numFmts>\
                    <fonts><font><sz val='11'/></font><font><strike/></font><font><strike val='0'/></font></fonts>\
                    <cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>\
                    <cellXfs><xf numFmtId='0' fontId='0'/><xf numFmtId='164' fontId='1'/><xf numFmtId='14' fontId='2'/></cellXfs>\
                    <dxfs><dxf><font><strike/></font></dxf></dxfs></styleSheet>";
        let styles = Styles::read(part.as_bytes()).unwrap();
        let style = |is_date, is_struck| CellStyle { is_date, is_struck };
        let all: Vec<_> = (0..4).map(|at| styles.get(at)).collect();
        assert_eq!(all, [style(false, false), style(true, true), style(true, false), style(false, false)]);
    }
}
