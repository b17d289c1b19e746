//! The last words of a container.

use std::time::Duration;

use serde_json::Value;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::resource::encode_segment;
use crate::kubernetes::wait::trouble::Cause;
use crate::kubernetes::wait::trouble::Trouble;

/// How many lines are shown.
const LINES: usize = 12;

/// How many bytes are asked for: lines may be long.
const BYTES: usize = 16 * 1024;

/// How long reading may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Returns the last lines that the container in question wrote; none if it never ran or
/// its log may not be read.
pub(super) async fn last_lines(
    cluster: &Cluster,
    pod: &LiveObject,
    trouble: Option<&Trouble>,
) -> Vec<String> {
    let ended = ended_badly(pod);
    let container = trouble
        .and_then(|found| found.container.as_deref())
        .or_else(|| ended.as_ref().and_then(|found| found.container.as_deref()))
        .or_else(|| pod.get(&["spec", "containers"])?.get(0)?.get("name")?.as_str());
    let Some(container) = container else { return Vec::new() };
    let is_restarted = trouble.is_some_and(|found| matches!(found.cause, Cause::CrashLoop { .. }));
    // The log of a container that is being started again is that of its last run.
    let runs: &[bool] = if is_restarted { &[true, false] } else { &[false] };
    for previous in runs {
        let lines = read(cluster, pod, container, *previous).await;
        if !lines.is_empty() {
            return lines;
        }
    }
    Vec::new()
}

/// Returns how a pod's container ended, if it ended with an error.
pub(super) fn ended_badly(pod: &LiveObject) -> Option<Trouble> {
    for list in ["initContainerStatuses", "containerStatuses"] {
        let statuses = pod.get(&["status", list]).and_then(Value::as_array);
        for status in statuses.into_iter().flatten() {
            let end = ["/state/terminated", "/lastState/terminated"]
                .iter()
                .find_map(|path| status.pointer(path));
            let exit_code = end.and_then(|end| end.get("exitCode")?.as_i64());
            let Some(exit_code) = exit_code.filter(|code| *code != 0) else { continue };
            let text = |value: Option<&Value>, name: &str| {
                value.and_then(|value| value.get(name)?.as_str()).unwrap_or_default().to_owned()
            };
            return Some(Trouble {
                pod: Some(pod.name().to_owned()),
                container: Some(text(Some(status), "name")),
                exit_code: Some(exit_code),
                ..Trouble::of_object(Cause::Failed, text(end, "reason"), text(end, "message"))
            });
        }
    }
    None
}

async fn read(cluster: &Cluster, pod: &LiveObject, container: &str, previous: bool) -> Vec<String> {
    let path = format!(
        "/api/v1/namespaces/{}/pods/{}/log?container={}&previous={previous}&tailLines={LINES}\
         &limitBytes={BYTES}",
        encode_segment(pod.namespace().unwrap_or_default()),
        encode_segment(pod.name()),
        encode_segment(container),
    );
    let reading = async {
        let client = cluster.client().await.map_err(|error| error.to_string())?;
        let request = http::Request::get(path).body(Vec::new());
        let request = request.map_err(|error| error.to_string())?;
        client.request_text(request).await.map_err(|error| error.to_string())
    };
    match tokio::time::timeout(TIMEOUT, reading).await {
        Ok(Ok(text)) => {
            let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
            lines.map(printable).collect()
        }
        Ok(Err(error)) => {
            tracing::debug!(error, "a log cannot be read");
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

/// Takes out what would steer the user's terminal: colours, and worse.
fn printable(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            // An escape sequence goes up to its first letter.
            while characters.next().is_some_and(|next| !next.is_ascii_alphabetic()) {}
        } else if !character.is_control() || character == '\t' {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn what_steers_a_terminal_is_taken_out() {
        assert_eq!(printable("\u{1b}[31mred\u{1b}[0m\u{7} x\ty"), "red x\ty");
        assert_eq!(printable("end \u{1b}[3"), "end ");
    }
}
