//! Calls of somebody in a text that goes out. The model writes `@[uid:Name]`, `@Name`, `@uid`, `[at=ID]Name[/at]` or
//! `<@ID>`; each platform has its own form, and only who is in the place may be called.

use super::code::Code;
use super::mention::{after_name, closes_word, opens_word};

/// People that one message calls at most; the rest stays text. More than this is everybody by another name.
const MOST_PINGS: usize = 20;
/// The longest form with an id and a name, in bytes.
const MAX_FORM: usize = 200;
/// Everybody. Nobody is called so, even if a member took that name.
const EVERYBODY: [&str; 2] = ["all", "所有人"];

/// Somebody who may be called in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The platform's user id.
    pub id: String,
    /// Display name; empty if nobody told it. Untrusted.
    pub name: String,
}

/// A piece of a text that goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it is.
    Text(&'a str),
    /// `@` and a name that calls nobody.
    Name(String),
    /// A call of this person, with the name to show.
    Person(&'a str, String),
    /// A call of everybody, as it was written.
    Everybody(&'a str),
}

/// Whether `text` has anything that may turn out to be a call.
#[must_use]
pub fn may_call(text: &str) -> bool {
    (text.contains('@') || text.contains("[at=")) && next(text, &Code::find(text), 0).is_some()
}

/// `text` behind calls of those whom its target names: `group:<group_no>@<uid>,<uid>`, as other adapters write it.
#[must_use]
pub fn calling(target: &str, text: String) -> String {
    let named =
        target.split_once('@').filter(|(place, _)| ["group:", "channel:"].iter().any(|kind| place.contains(kind)));
    let uids = named.and_then(|(_, uids)| uids.split(' ').next()).unwrap_or_default();
    let mut called = String::new();
    for uid in uids.split(',').filter(|uid| !uid.is_empty()) {
        // With a name to show, if it is nobody there.
        called.extend(["@[", uid, ":", uid, "] "]);
    }
    if called.is_empty() { text } else { called + &text }
}

/// Cuts `text` before its first call, at the line if something stands above it; `None` if there is no call, or nothing
/// before it.
#[must_use]
pub fn before_call(text: &str) -> Option<(&str, &str)> {
    let at = next(text, &Code::find(text), 0)?;
    let line = text.get(..at)?.rfind('\n').map_or(0, |end| end.saturating_add(1));
    let cut = if text.get(..line)?.trim().is_empty() { at } else { line };
    let (before, rest) = (text.get(..cut)?.trim_end(), text.get(cut..)?);
    (!before.is_empty()).then_some((before, rest))
}

/// Cuts `text` at its calls. A name that two people share calls neither, and nothing in code calls anybody.
/// `everybody`: whether `@all` is a call.
#[must_use]
pub fn pings<'a>(text: &'a str, people: &'a [Person], everybody: bool) -> Vec<Piece<'a>> {
    let (mut pieces, mut copied, mut from, mut count) = (Vec::new(), 0, 0, 0_usize);
    let code = Code::find(text);
    while let Some(at) = next(text, &code, from) {
        from = at.saturating_add(1);
        let Some((end, mut piece)) = read(text, at, people, everybody) else { continue };
        if let Piece::Person(..) = piece {
            count = count.saturating_add(1);
            if count > MOST_PINGS {
                piece = Piece::Text(text.get(at..end).unwrap_or_default());
            }
        }
        pieces.push(Piece::Text(text.get(copied..at).unwrap_or_default()));
        pieces.push(piece);
        (copied, from) = (end, end);
    }
    pieces.push(Piece::Text(text.get(copied..).unwrap_or_default()));
    pieces
}

/// The first byte at or behind `from` where a call may begin.
fn next(text: &str, code: &Code, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.char_indices().find_map(|(index, c)| {
        let at = from.saturating_add(index);
        let is_call = match c {
            '[' => text.get(at..)?.starts_with("[at="),
            '<' => text.get(at..)?.starts_with("<@"),
            '@' => {
                let before = text.get(..at)?;
                let next = text.get(at..)?.chars().nth(1);
                let is_name = next.is_some_and(|c| c.is_alphabetic() || c.is_ascii_digit() || matches!(c, '[' | '_'));
                is_name && opens_word(before) && !before.ends_with('<')
            }
            _ => false,
        };
        (is_call && !code.contains(at)).then_some(at)
    })
}

/// Reads the call at a byte; `None` if there is none.
fn read<'a>(text: &'a str, at: usize, people: &'a [Person], everybody: bool) -> Option<(usize, Piece<'a>)> {
    let from = text.get(at..)?;
    if let Some((length, id, name)) = form(from) {
        let end = at.checked_add(length)?;
        return match (people.iter().find(|person| person.id == id), name) {
            (Some(person), name) => Some((end, Piece::Person(&person.id, shown(&person.name, name.unwrap_or(id))))),
            (None, Some(name)) => Some((end, Piece::Name(shown(name, id)))),
            // An id of nobody, or no mention at all.
            (None, None) => None,
        };
    }
    for name in EVERYBODY {
        if let Some(end) = word(text, at, name) {
            let written = text.get(at..end)?;
            return Some((end, if everybody { Piece::Everybody(written) } else { Piece::Text(written) }));
        }
    }
    let mut found: Option<(usize, &Person)> = None;
    let mut is_shared = false;
    for person in people {
        let Some(end) = word(text, at, &person.name).or_else(|| word(text, at, &person.id)) else { continue };
        match found {
            Some((longest, other)) if longest >= end => is_shared |= longest == end && other.id != person.id,
            Some(_) | None => (found, is_shared) = (Some((end, person)), false),
        }
    }
    let (end, person) = found?;
    // Two people of one name: calling either could be wrong.
    let piece = if is_shared {
        Piece::Text(text.get(at..end)?)
    } else {
        Piece::Person(&person.id, shown(&person.name, &person.id))
    };
    Some((end, piece))
}

/// The byte behind `@name`, if that stands here as a word of its own.
fn word(text: &str, at: usize, name: &str) -> Option<usize> {
    let end = after_name(text, at, name)?;
    closes_word(text.get(end..)?).then_some(end)
}

/// Length, id and name of a form that names an id.
fn form(from: &str) -> Option<(usize, &str, Option<&str>)> {
    let (open, middle, close) = match from.as_bytes() {
        [b'@', b'[', ..] => ("@[", ':', "]"),
        [b'[', ..] => ("[at=", ']', "[/at]"),
        [b'<', ..] => ("<@", '\0', ">"),
        _ => return None,
    };
    let rest = from.strip_prefix(open)?;
    let end = rest.find(close).filter(|end| *end <= MAX_FORM)?;
    let inner = rest.get(..end).filter(|inner| !inner.contains('\n'))?;
    let (id, name) = inner.split_once(middle).map_or((inner, None), |(id, name)| (id, Some(name.trim())));
    let length = open.len().saturating_add(end).saturating_add(close.len());
    (!id.trim().is_empty()).then_some((length, id.trim(), name.filter(|name| !name.is_empty())))
}

/// The name to show, on one line and without the brackets of a markup: it is somebody's choice.
fn shown(name: &str, otherwise: &str) -> String {
    let name = if name.trim().is_empty() { otherwise } else { name };
    name.trim().chars().filter(|c| !c.is_control() && !matches!(c, '[' | ']' | '\u{2028}' | '\u{2029}')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> Vec<Person> {
        [
            ("u1", "Ann"),
            ("u2", "Ann Lee"),
            ("u3", "张三"),
            ("u4", "Bob"),
            ("u5", "bob"),
            ("u6", ""),
            ("u7", "all"),
            ("u8", "types"),
        ]
        .map(|(id, name)| Person { id: id.into(), name: name.into() })
        .into()
    }

    /// Calls are `{id:name}`, of everybody `{*}`.
    fn read(text: &str, everybody: bool) -> String {
        let people = people();
        let pieces = pings(text, &people, everybody).into_iter().map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Name(name) => format!("@{name}"),
            Piece::Person(id, name) => format!("{{{id}:{name}}}"),
            Piece::Everybody(_) => "{*}".to_owned(),
        });
        pieces.collect()
    }

    #[test]
    fn members_are_called_in_every_form() {
        for (text, called) in [
            ("@Ann hi", "{u1:Ann} hi"),
            ("@ann lee, hi", "{u2:Ann Lee}, hi"),
            ("问@张三请看", "问{u3:张三}请看"),
            ("@[u2:whoever] hi", "{u2:Ann Lee} hi"),
            ("[at=u1]A[/at]hi <@u3>", "{u1:Ann}hi {u3:张三}"),
            ("@u6 and @[u6:Zoe]", "{u6:u6} and {u6:Zoe}"),
        ] {
            assert_eq!(read(text, false), called);
            assert!(may_call(text));
        }
    }

    #[test]
    fn whoever_is_not_here_or_not_alone_with_a_name_is_text() {
        for (text, left) in [
            ("@[u9:Eve] @Eve", "@Eve @Eve"),
            ("@[u9:[at=u1]Ann[/at]", "@at=u1Ann[/at]"),
            ("[at=u9]Eve[/at] <@u9> @[x]", "@Eve <@u9> @[x]"),
            ("@Bob @bob", "@Bob @bob"),
            ("ann@Ann.example a@Ann", "ann@Ann.example a@Ann"),
            ("npm i @types/node, @Annette", "npm i @types/node, @Annette"),
            ("`@Ann` ```@[u1:Ann]```", "`@Ann` ```@[u1:Ann]```"),
            ("```\n@Ann [at=u1]A[/at]\n```", "```\n@Ann [at=u1]A[/at]\n```"),
            ("@[u1:A\nB] list[0] a < b", "@[u1:A\nB] list[0] a < b"),
        ] {
            assert_eq!(read(text, true), left);
        }
    }

    #[test]
    fn everybody_is_called_only_where_that_is_allowed_and_never_a_member_of_that_name() {
        assert_eq!(read("@all 大家@所有人 @all-hands `@all`", true), "{*} 大家{*} @all-hands `@all`");
        assert_eq!(read("@all @所有人", false), "@all @所有人");
    }

    #[test]
    fn a_message_calls_only_so_many() {
        let called = read(&"@Ann ".repeat(30), false);
        assert_eq!(called.matches("{u1:Ann}").count(), MOST_PINGS);
    }
}
