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
    candidates(text).next().is_some()
}

/// Cuts `text` at its calls. A name that two people share calls neither, and nothing in code calls anybody.
/// `everybody`: whether `@all` is a call.
#[must_use]
pub fn pings<'a>(text: &'a str, people: &'a [Person], everybody: bool) -> Vec<Piece<'a>> {
    let (mut pieces, mut copied, mut count) = (Vec::new(), 0, 0_usize);
    for at in candidates(text) {
        if at < copied {
            continue;
        }
        let Some((end, mut piece)) = read(text, at, people, everybody) else { continue };
        if matches!(piece, Piece::Person(..)) {
            count = count.saturating_add(1);
            if count > MOST_PINGS {
                piece = Piece::Text(text.get(at..end).unwrap_or_default());
            }
        }
        pieces.push(Piece::Text(text.get(copied..at).unwrap_or_default()));
        pieces.push(piece);
        copied = end;
    }
    pieces.push(Piece::Text(text.get(copied..).unwrap_or_default()));
    pieces
}

/// Bytes at which a call may begin.
fn candidates(text: &str) -> impl Iterator<Item = usize> {
    let has_any = text.contains('@') || text.contains("[at=");
    let code = Code::find(if has_any { text } else { "" });
    text.match_indices(['@', '[', '<']).map(|(at, _)| at).filter(move |at| {
        let (before, from) = text.split_at_checked(*at).unwrap_or(("", text));
        let names_somebody = |rest: &str| rest.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '[');
        let is_form = from.starts_with("[at=") || from.starts_with("<@");
        let is_word =
            from.strip_prefix('@').is_some_and(names_somebody) && opens_word(before) && !before.ends_with('<');
        (is_form || is_word) && !code.contains(*at)
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
    let word = |name: &str| {
        let end = after_name(text, at, name)?;
        closes_word(text.get(end..)?).then_some(end)
    };
    if let Some(end) = EVERYBODY.iter().find_map(|name| word(name)) {
        let written = text.get(at..end)?;
        return Some((end, if everybody { Piece::Everybody(written) } else { Piece::Text(written) }));
    }
    let named = people.iter().filter_map(|person| Some((word(&person.name).or_else(|| word(&person.id))?, person)));
    let longest = named.clone().map(|(end, _)| end).max()?;
    let mut same = named.filter(|(end, _)| *end == longest);
    let (_, person) = same.next()?;
    // Two people of one name: calling either could be wrong.
    let piece = match same.any(|(_, other)| other.id != person.id) {
        true => Piece::Text(text.get(at..longest)?),
        false => Piece::Person(&person.id, shown(&person.name, &person.id)),
    };
    Some((longest, piece))
}

/// Length, id and name of a form that names an id.
fn form(from: &str) -> Option<(usize, &str, Option<&str>)> {
    let (open, middle, close) = [("@[", ':', "]"), ("[at=", ']', "[/at]"), ("<@", '\0', ">")]
        .into_iter()
        .find(|(open, ..)| from.starts_with(open))?;
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
