//! Files that are written from the Rust code; the tests of this crate fail when they drift.

/// Compares a committed file with what it should be, or writes it when asked to (`npm run types`).
pub(crate) fn same(path: &str, wanted: &str) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == wanted, "{path} differs from the Rust code: run `npm run types` and commit the result");
}

/// A Markdown table as prettier writes it: every column as wide as its widest cell. The first row is its head.
pub(crate) fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let widest = |column: usize| rows.iter().map(|row| width(&row[column])).max().unwrap_or(0);
    let widths: [usize; COLUMNS] = std::array::from_fn(widest);
    let line = |row: &[String; COLUMNS]| {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, widest)| format!(" {cell}{} |", " ".repeat(widest.saturating_sub(width(cell)))));
        format!("|{}\n", cells.collect::<String>())
    };
    let rule = widths.iter().map(|width| format!(" {} |", "-".repeat(*width))).collect::<String>();
    let (head, body) = rows.split_first().unwrap();
    format!("{}|{rule}\n{}", line(head), body.iter().map(line).collect::<String>())
}

/// Columns on a screen: Chinese characters take two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if ('\u{2e80}'..='\u{ffef}').contains(&c) { 2 } else { 1 }).sum()
}
