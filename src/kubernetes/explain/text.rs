//! An explanation as text.

use std::fmt;

use super::Explanation;
use super::LINE_LENGTH;
use crate::kubernetes::wait::trouble::Cause;
use crate::kubernetes::wait::trouble::Trouble;

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pods {
            Some((ready, 1)) => write!(formatter, "{ready} of 1 pod is ready.")?,
            Some((ready, total)) => write!(formatter, "{ready} of {total} pods are ready.")?,
            None => write!(formatter, "{}.", sentence(&self.summary))?,
        }
        if let Some(trouble) = &self.trouble {
            self.write_trouble(formatter, trouble)?;
        } else if self.pods.is_some() && !self.summary.ends_with("pods ready") {
            write!(formatter, " {}.", sentence(&self.summary))?;
        }
        for (position, (age, text)) in self.events.iter().enumerate() {
            let label = if position == 0 { "Last event" } else { "Before" };
            write!(formatter, "\n  {label} ({} ago): {text}.", Age(*age))?;
        }
        if !self.log.is_empty() {
            write!(formatter, "\n  Last lines of its log:")?;
            for line in &self.log {
                write!(formatter, "\n    {line}")?;
            }
        }
        Ok(())
    }
}

impl Explanation {
    /// Writes what is wrong, without what other parts of the text say already.
    fn write_trouble(&self, formatter: &mut fmt::Formatter<'_>, trouble: &Trouble) -> fmt::Result {
        let is_told = self.pods.is_none() && self.summary.contains(&trouble.reason);
        let is_in_events =
            trouble.cause.is_of_image() && self.events.iter().any(|(_, text)| names_image(text));
        let mut parts: Vec<String> = Vec::new();
        if !is_told {
            parts.push(trouble.reason.clone());
        }
        if let Cause::CrashLoop { restarts } = trouble.cause {
            parts.push(format!("started again {restarts} times"));
        }
        if let Some(code) = trouble.exit_code {
            parts.push(format!("exit code {code}{}", exit_meaning(code)));
        }
        if parts.is_empty() {
            return Ok(());
        }
        match (&trouble.pod, &trouble.container) {
            (Some(pod), Some(container)) => {
                write!(formatter, " Pod `{pod}`, container `{container}`: ")?;
            }
            (Some(pod), None) => write!(formatter, " Pod `{pod}`: ")?,
            (None, _) => write!(formatter, " ")?,
        }
        write!(formatter, "{}", parts.join(", "))?;
        match trouble.message.trim().trim_end_matches('.') {
            message if message.is_empty() || is_told || is_in_events => write!(formatter, "."),
            message => write!(formatter, ": {}.", shorten(message, 2 * LINE_LENGTH)),
        }
    }
}

/// Says whether an event tells why an image could not be pulled; the container's own text
/// would say the same once more.
fn names_image(text: &str) -> bool {
    text.starts_with("Failed to pull image")
}

/// Returns what a shell or the kernel means by an exit code.
fn exit_meaning(code: i64) -> &'static str {
    match code {
        126 => " (the command cannot be run)",
        127 => " (the command was not found)",
        137 => " (killed, often for lack of memory)",
        139 => " (segmentation fault)",
        143 => " (ended by request)",
        _ => "",
    }
}

/// Is an age as people say it: `4 s`, `3 min`, `2 h`.
struct Age(u64);

impl fmt::Display for Age {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            seconds @ 0..120 => write!(formatter, "{seconds} s"),
            seconds @ 120..7200 => write!(formatter, "{} min", seconds / 60),
            seconds => write!(formatter, "{} h", seconds / 3600),
        }
    }
}

/// Returns the text as the beginning of a sentence, without its full stop.
fn sentence(text: &str) -> String {
    let mut characters = text.trim_end_matches('.').chars();
    let first = characters.next();
    first.map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Cuts a text that is longer.
pub(super) fn shorten(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(length).collect();
    short.push_str(" ...");
    short
}
