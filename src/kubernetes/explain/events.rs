//! Which events are worth showing, and how.

use jiff::Timestamp;

use crate::kubernetes::wait::trouble::Event;
use crate::kubernetes::wait::trouble::Trouble;

/// How many events are shown.
const SHOWN: usize = 3;

/// Returns the events to show, newest first: how many seconds ago, and the text.
///
/// Warnings, without those that only say that there was another one, or what the
/// trouble says already. If there are none, the newest event of all tells at least how
/// far things came, unless a log does.
pub(super) fn shown(
    events: &[Event],
    trouble: Option<&Trouble>,
    has_log: bool,
    now: Timestamp,
) -> Vec<(u64, String)> {
    let mut shown: Vec<(u64, String)> = Vec::new();
    for event in events.iter().rev().filter(|event| event.is_warning && !is_echo(event)) {
        let text = text(event);
        let is_known = shown.iter().any(|(_, known)| *known == text)
            || trouble.is_some_and(|trouble| {
                !trouble.message.is_empty() && event.message.contains(&trouble.message)
            });
        if !is_known && shown.len() < SHOWN {
            shown.push((age(event, now), text));
        }
    }
    if shown.is_empty() && !has_log && trouble.is_none_or(|trouble| trouble.message.is_empty()) {
        let last = events.iter().rev().find(|event| !is_echo(event));
        shown.extend(last.map(|event| (age(event, now), text(event))));
    }
    shown
}

/// Says whether an event only repeats that something is wrong: `Error: ErrImagePull`,
/// `Back-off restarting failed container`.
fn is_echo(event: &Event) -> bool {
    event.reason == "BackOff" || event.message.starts_with("Error: ")
}

/// Returns how many seconds ago it happened. Clocks of the cluster's machines differ from
/// ours: nothing is in the future.
fn age(event: &Event, now: Timestamp) -> u64 {
    let seconds = event.time.map_or(0, |time| now.as_second() - time.as_second());
    u64::try_from(seconds).unwrap_or(0)
}

/// Returns the text in one line. What the kubelet's and the container runtime's layers
/// add to a failed pull is left out: the image's name three times over.
fn text(event: &Event) -> String {
    let mut text = event.message.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((_, rest)) = text.split_once("Failed to pull image \"") {
        let image = rest.split('"').next().unwrap_or_default().to_owned();
        for noise in [
            format!("failed to pull and unpack image \"{image}\": "),
            format!("failed to resolve reference \"{image}\": "),
            String::from("rpc error: code = NotFound desc = "),
            String::from("rpc error: code = Unknown desc = "),
        ] {
            text = text.replace(&noise, "");
        }
    }
    let text = text.trim_end_matches(['.', ':', ' ']);
    if event.reason == "Failed" { text.to_owned() } else { format!("{}: {text}", event.reason) }
}
