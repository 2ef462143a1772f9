//! Whether something is somebody's e-mail address.

/// Domains that nobody has an address in (RFC 2606). Documentation is full of them, and so is what is made up.
const NOBODYS: [&str; 7] = ["example.com", "example.org", "example.net", ".example", ".invalid", ".test", ".localhost"];

/// What is wrong with an address, if anything is.
pub(super) fn fault(address: &str) -> Option<&'static str> {
    let is_word = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@');
    let domain = match address.split_once('@') {
        Some((name, domain)) if is_word(name) && is_word(domain) => domain.to_ascii_lowercase(),
        Some(_) | None => return Some("is no e-mail address"),
    };
    if !domain.contains('.') || domain.split('.').any(str::is_empty) {
        return Some("is no e-mail address");
    }
    let is_nobodys = |end: &&str| domain == **end || (end.starts_with('.') && domain.ends_with(*end));
    NOBODYS.iter().any(is_nobodys).then_some("is a made-up address: ask the owner for theirs")
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn an_address_has_a_name_and_a_domain() {
        assert_eq!(fault("ann.b+claw@mail.de"), None);
        for bad in ["", "ann", "@mail.de", "ann@", "ann@mail", "ann@mail..de", "a b@mail.de", "a@b@mail.de"] {
            assert_eq!(fault(bad), Some("is no e-mail address"), "{bad}");
        }
    }

    #[test]
    fn an_address_of_the_documentation_is_nobodys() {
        for bad in ["owner@example.com", "USER@Example.ORG", "me@my.test", "x@y.invalid"] {
            assert!(fault(bad).unwrap().contains("made-up"), "{bad}");
        }
        assert_eq!(fault("ann@notexample.com"), None);
    }
}
