//! Server addresses from the configuration.

use super::ConfigError;

/// An HTTP origin with an optional path and no trailing slash: `https://im.example`, `http://127.0.0.1:8090/api`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Reads a URL from the key `key`.
    ///
    /// # Errors
    /// Names the key if the value is no `http(s)` URL, or carries credentials, a query or white space.
    pub fn parse(key: &str, value: &str) -> Result<Self, ConfigError> {
        let value = value.trim().trim_end_matches('/');
        let fault = |problem: &str| {
            Err(ConfigError::new(key, problem, "Write it like https://im.example.com or https://im.example.com/api."))
        };
        let Some(rest) = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://")) else {
            return fault("is not an http:// or https:// URL");
        };
        if rest.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#' | '\\')) {
            return fault("has a query, a fragment, a backslash or white space");
        }
        if rest.contains('@') {
            return fault("carries credentials");
        }
        match host_and_port(rest) {
            (host, Some(port)) if port.parse::<u16>().is_err() || host.is_empty() => {
                fault("has no valid host and port")
            }
            ("", None) => fault("has no host"),
            _ => Ok(Self(value.to_owned())),
        }
    }

    /// The URL of a path (which starts with `/`) on this server.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// As written, without the trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        let authority = self.0.find("://").and_then(|at| at.checked_add(3)).unwrap_or_default();
        let path = self.0.get(authority..).and_then(|rest| rest.find('/')).and_then(|at| at.checked_add(authority));
        path.and_then(|path| self.0.get(..path)).unwrap_or(&self.0)
    }

    /// Whether bytes to this server stay on the machine or are encrypted.
    #[must_use]
    pub fn is_private(&self) -> bool {
        is_private(&self.0)
    }

    /// Without a final path segment, if it is this one.
    #[must_use]
    pub(super) fn without_suffix(self, suffix: &str) -> Self {
        match self.0.strip_suffix(suffix) {
            Some(rest) => Self(rest.trim_end_matches('/').to_owned()),
            None => self,
        }
    }
}

/// Whether bytes to this `http(s)://` or `ws(s)://` address stay on the machine or are encrypted.
#[must_use]
pub fn is_private(url: &str) -> bool {
    let Some((scheme, rest)) = url.trim().split_once("://") else { return false };
    let (host, _) = host_and_port(rest);
    ["https", "wss"].iter().any(|encrypted| scheme.eq_ignore_ascii_case(encrypted))
        || host.eq_ignore_ascii_case("localhost")
        || host == "[::1]"
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// The host (an IPv6 one keeps its brackets) and the port of what follows the scheme.
fn host_and_port(rest: &str) -> (&str, Option<&str>) {
    let authority = rest.split('/').next().unwrap_or_default();
    if let Some(end) = authority.find(']').and_then(|close| close.checked_add(1)) {
        let (host, after) = authority.split_at(end);
        return (host, after.strip_prefix(':'));
    }
    match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailing_slash_makes_no_difference() {
        assert_eq!(BaseUrl::parse("apiUrl", "https://im.example/ "), BaseUrl::parse("apiUrl", "https://im.example"));
    }

    #[test]
    fn what_is_no_server_address_is_refused_by_key() {
        for bad in
            ["", "im.example", "ftp://x", "https://", "https://u:p@x", "http://x y", "http://x:99999", "http://x?y"]
        {
            let error = BaseUrl::parse("apiUrl", bad).unwrap_err();
            assert_eq!(error.key, "apiUrl", "{bad}");
            // Whatever the fix names is taken.
            for named in error.fix.split(' ').filter(|word| word.starts_with("https://")) {
                BaseUrl::parse("apiUrl", named.trim_end_matches('.')).unwrap();
            }
            assert!(error.fix.contains("/api") && !error.fix.contains("without a path"), "{}", error.fix);
        }
    }

    #[test]
    fn an_origin_ends_before_the_path() {
        let origin = |url| BaseUrl::parse("k", url).unwrap().origin().to_owned();
        assert_eq!(origin("https://x.example:8443/a/b"), "https://x.example:8443");
        assert_eq!(origin("http://[::1]:80"), "http://[::1]:80");
    }

    #[test]
    fn only_https_and_loopback_keep_a_token_private() {
        let private = is_private;
        for yes in [
            "https://x",
            "wss://x/ws",
            "ws://127.0.0.1:5200",
            "http://localhost:1",
            "http://127.9.9.9",
            "http://[::1]:80",
        ] {
            assert!(private(yes), "{yes}");
        }
        for no in [
            "http://x",
            "ws://x:5200",
            "ws://localhost.evil/ws",
            "http://127.0.0.1.evil.example",
            "http://10.0.0.1",
            "http://localhost.evil",
        ] {
            assert!(!private(no), "{no}");
        }
    }
}
