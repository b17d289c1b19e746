//! The parts of a URL.

use std::fmt;
use std::fmt::Write as _;
use std::net::Ipv6Addr;

use super::escape::Part;
use super::escape::escape;
use super::escape::unescape;
use crate::helm::strconv;

/// Is a URL in parts, without escapes where Go removes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Url {
    pub scheme: String,
    pub user: Option<User>,
    /// The host with its port.
    pub host: String,
    pub path: String,
    /// The query as it is written.
    pub query: String,
    /// What follows the scheme of a URL such as `mailto:a@b.c`.
    pub opaque: String,
    pub fragment: String,
}

/// Is a user and maybe a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    name: String,
    password: Option<String>,
}

impl fmt::Display for User {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&escape(&self.name, Part::UserOrPassword))?;
        match &self.password {
            Some(password) => write!(formatter, ":{}", escape(password, Part::UserOrPassword)),
            None => Ok(()),
        }
    }
}

impl Url {
    /// Takes a URL apart, or says in Go's words why that is not possible.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
        let mut url = parse_address(address)
            .map_err(|error| format!("parse {}: {error}", strconv::quote(address.as_bytes())))?;
        url.fragment = unescape(fragment, Part::Fragment)
            .map_err(|error| format!("parse {}: {error}", strconv::quote(text.as_bytes())))?;
        Ok(url)
    }

    /// Returns the host without its port and without brackets.
    pub fn hostname(&self) -> &str {
        let host = match self.host.rfind(':').and_then(|colon| self.host.split_at_checked(colon)) {
            Some((host, port)) if is_port(port) => host,
            _ => &self.host,
        };
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }
}

/// Takes apart what stands before the fragment.
fn parse_address(text: &str) -> Result<Url, String> {
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".into());
    }
    if text == "*" {
        return Ok(Url { path: "*".into(), ..Url::default() });
    }
    let (scheme, rest) = split_scheme(text)?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut url =
        Url { scheme: scheme.to_ascii_lowercase(), query: query.into(), ..Url::default() };
    if !rest.starts_with('/') {
        if !scheme.is_empty() {
            url.opaque = rest.into();
            return Ok(url);
        }
        if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
            return Err("first path segment in URL cannot contain colon".into());
        }
    }
    let mut path = rest;
    if (!scheme.is_empty() || !rest.starts_with("///"))
        && let Some(after) = rest.strip_prefix("//")
    {
        let length = after.find('/').unwrap_or(after.len());
        let (authority, rest) = after.split_at_checked(length).unwrap_or((after, ""));
        (url.user, url.host) = parse_authority(&url.scheme, authority)?;
        path = rest;
    }
    url.path = unescape(path, Part::Path)?;
    Ok(url)
}

fn split_scheme(text: &str) -> Result<(&str, &str), String> {
    for (index, character) in text.char_indices() {
        match character {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if index > 0 => {}
            ':' if index == 0 => return Err("missing protocol scheme".into()),
            ':' => return Ok(text.split_once(':').unwrap_or(("", text))),
            _ => break,
        }
    }
    Ok(("", text))
}

fn parse_authority(scheme: &str, authority: &str) -> Result<(Option<User>, String), String> {
    let Some((info, host)) = authority.rsplit_once('@') else {
        return Ok((None, parse_host(scheme, authority)?));
    };
    let host = parse_host(scheme, host)?;
    let allowed = |character: char| {
        character.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(character)
    };
    if !info.chars().all(allowed) {
        return Err("net/url: invalid userinfo".into());
    }
    let (name, password) = match info.split_once(':') {
        Some((name, password)) => (name, Some(unescape(password, Part::UserOrPassword)?)),
        None => (info, None),
    };
    Ok((Some(User { name: unescape(name, Part::UserOrPassword)?, password }), host))
}

fn parse_host(scheme: &str, host: &str) -> Result<String, String> {
    let wrong_port =
        |port: &str| Err(format!("invalid port {} after host", strconv::quote(port.as_bytes())));
    match host.rfind('[') {
        Some(0) => {
            let Some((address, port)) = host.rsplit_once(']') else {
                return Err("missing ']' in host".into());
            };
            if !is_port(port) {
                return wrong_port(port);
            }
            let address = address.strip_prefix('[').unwrap_or(address);
            // A zone follows an escaped percent sign.
            let (plain, zone) = address.split_once("%25").unwrap_or((address, ""));
            let plain = unescape(plain, Part::Host)?;
            if plain.parse::<Ipv6Addr>().is_err() {
                let quoted = strconv::quote(plain.as_bytes());
                return Err(format!("invalid host: ParseAddr({quoted}): unable to parse IP"));
            }
            let zone = if zone.is_empty() {
                String::new()
            } else {
                format!("%{}", unescape(zone, Part::Path)?)
            };
            return Ok(format!("[{plain}{zone}]{port}"));
        }
        Some(_) => return Err("invalid IP-literal".into()),
        None => {}
    }
    // Several hosts with ports are allowed, but not for the web.
    let colon = if matches!(scheme, "http" | "https") { host.find(':') } else { host.rfind(':') };
    if let Some((_, port)) = colon.and_then(|colon| host.split_at_checked(colon))
        && !is_port(port)
    {
        return wrong_port(port);
    }
    unescape(host, Part::Host)
}

/// Says whether the text is empty or a colon and digits.
fn is_port(text: &str) -> bool {
    match text.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_digit()),
        None => text.is_empty(),
    }
}

impl fmt::Display for Url {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        if !self.scheme.is_empty() {
            text = format!("{}:", self.scheme);
        }
        if self.opaque.is_empty() {
            let has_authority = !self.host.is_empty() || self.user.is_some();
            if has_authority || !self.scheme.is_empty() && !self.path.is_empty() {
                text.push_str("//");
            }
            if let Some(user) = &self.user {
                _ = write!(text, "{user}@");
            }
            text.push_str(&escape(&self.host, Part::Host));
            let path =
                if self.path == "*" { "*".to_owned() } else { escape(&self.path, Part::Path) };
            if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
                text.push('/');
            }
            // A relative path must not look like a scheme.
            if text.is_empty() && path.split('/').next().is_some_and(|first| first.contains(':')) {
                text.push_str("./");
            }
            text.push_str(&path);
        } else {
            text.push_str(&self.opaque);
        }
        if !self.query.is_empty() {
            _ = write!(text, "?{}", self.query);
        }
        if !self.fragment.is_empty() {
            _ = write!(text, "#{}", escape(&self.fragment, Part::Fragment));
        }
        formatter.write_str(&text)
    }
}
