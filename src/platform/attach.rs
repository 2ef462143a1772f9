//! Files that the host wants sent.

use crate::text;

/// The longest URL that is posted; browsers and proxies take no more.
const MAX_URL: usize = 2_048;

/// Each file in `platform`'s own `markup`, or as a label that says why it isn't there: a path of this machine never leaves
/// it, only the file's name. Second, the labels: nothing else can be sent of these.
pub(super) fn attach(media: &[String], platform: &str, markup: fn(&str) -> String) -> (Vec<String>, Vec<String>) {
    let (mut files, mut left_out) = (Vec::new(), Vec::new());
    for file in media.iter().map(|file| file.trim()).filter(|file| !file.is_empty()) {
        if text::is_remote(file) && file.len() <= MAX_URL {
            files.push(markup(file));
        } else {
            let label = format!("[file: {}, not sent: {platform} takes links only]", text::file_name(file));
            files.push(label.clone());
            left_out.push(label);
        }
    }
    (files, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_this_machine_leaves_only_its_name() {
        let media = ["/home/claw/out/chart.png", "file:///tmp/a%20b.pdf", "./x y.txt", "data:image/png;base64,AAAA"];
        let (files, left_out) = attach(&media.map(str::to_owned), "Mochat", str::to_owned);
        let names = ["chart.png", "a b.pdf", "x y.txt", "data"];
        assert_eq!(files, names.map(|name| format!("[file: {name}, not sent: Mochat takes links only]")));
        assert_eq!(left_out, files);
    }

    #[test]
    fn a_link_is_marked_up_and_nothing_else_said() {
        let (files, left_out) = attach(&["https://x.example/a.png".to_owned()], "Mochat", |url| format!("<{url}>"));
        assert_eq!((files, left_out), (vec!["<https://x.example/a.png>".to_owned()], Vec::new()));
    }
}
