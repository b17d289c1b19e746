//! Why an object is not ready, in the words of the cluster.
//!
//! The text answers what people otherwise run four `kubectl` commands for: how many
//! pods are ready, which one is not, which container, why, what happened last, how
//! the container ended and what it wrote before.

use std::fmt;

use jiff::Timestamp;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::object::ObjectReference;
use crate::kubernetes::request::encode_segment;
use crate::kubernetes::sensitive::Sensitive;
use crate::kubernetes::wait::surroundings::Surroundings;
use crate::kubernetes::wait::surroundings::events_of;
use crate::kubernetes::wait::surroundings::is_ready;
use crate::kubernetes::wait::trouble::Cause;
use crate::kubernetes::wait::trouble::Event;
use crate::kubernetes::wait::trouble::Trouble;

/// How many lines of a container's log are shown.
const LOG_LINES: usize = 12;

/// How many bytes of a log are asked for: lines may be long.
const LOG_BYTES: usize = 16 * 1024;

/// How many characters of one line are shown.
const LINE_LENGTH: usize = 300;

/// How many events are shown.
const EVENTS: usize = 3;

/// How long reading a log may take.
const LOG_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// Says why an object is not ready. Its text (`Display`) has several lines; sensitive
/// texts are masked already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The object.
    pub object: ObjectReference,
    /// Whether it is certain that it cannot become ready, or only took too long.
    pub is_certain: bool,
    /// What is missing, such as `1 of 2 pods ready`.
    pub summary: String,
    /// How many of its pods are ready, of how many.
    pub pods: Option<(usize, usize)>,
    /// What is wrong.
    pub trouble: Option<Trouble>,
    /// What happened last, newest first: how many seconds ago, and the text.
    pub events: Vec<(u64, String)>,
    /// The last lines that the container wrote.
    pub log: Vec<String>,
}

impl Explanation {
    /// Makes the explanation, reading events and the log of the pod that the trouble is about.
    pub async fn gather(
        cluster: &Cluster,
        object: &ObjectReference,
        live: Option<&LiveObject>,
        surroundings: &Surroundings,
        finding: Finding<'_>,
        sensitive: &Sensitive,
    ) -> Self {
        let trouble = finding.trouble.cloned();
        let named = trouble.as_ref().and_then(|found| found.pod.as_deref());
        let pod = surroundings
            .pods
            .iter()
            .find(|pod| named.is_some_and(|name| name == pod.name()))
            .or_else(|| surroundings.pods.iter().rev().find(|pod| !is_ready(pod)));
        let mut events = match pod {
            Some(pod) => events_of(cluster, pod, None).await,
            None => Vec::new(),
        };
        if events.is_empty() {
            events.clone_from(&surroundings.events);
        }
        let log = match (pod, live) {
            (Some(pod), Some(_)) => log_of(cluster, pod, trouble.as_ref()).await,
            _ => Vec::new(),
        };
        let mut explanation = Self {
            object: object.clone(),
            is_certain: finding.is_certain,
            summary: finding.summary.to_owned(),
            pods: pod_count(surroundings),
            trouble: trouble.or_else(|| pod.and_then(ended_badly)),
            events: shown_events(&events, Timestamp::now()),
            log,
        };
        explanation.mask(sensitive);
        explanation
    }

    /// Returns the first sentence.
    pub fn headline(&self) -> String {
        if self.is_certain {
            format!("{} cannot become ready.", self.object)
        } else {
            format!("{} is not ready.", self.object)
        }
    }

    /// Returns what the user can do about it, where there is something general to say.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self.trouble.as_ref()?.cause {
            Cause::ImageName => "Correct the image's name: registry/repository:tag, in lower case.",
            Cause::ImageMissing => {
                "Set the image to a repository and tag that exist, and add a pull secret if the \
                 registry asks for one."
            }
            Cause::ImagePull => {
                "The registry could not be reached or did not answer: check the nodes' network, \
                 proxy and registry mirror."
            }
            Cause::ContainerConfig => {
                "Create the Secret, ConfigMap or key that the container refers to, or correct the \
                 reference."
            }
            Cause::CrashLoop { .. } | Cause::Failed if self.is_out_of_memory() => {
                "The container needs more memory than its limit: raise `resources.limits.memory`."
            }
            Cause::CrashLoop { .. } => {
                "The container starts and ends: its log says why. The cause is most often in its \
                 arguments, environment or credentials."
            }
            Cause::Unschedulable => {
                "No node has room or fits: lower the requests, correct node selector, affinity or \
                 tolerations, or add a node."
            }
            Cause::PodRefused => {
                "The namespace does not admit the pod: adjust quota, limits or security context as \
                 the text above says."
            }
            Cause::Storage => {
                "Name a StorageClass that exists (`kubectl get storageclass`), or set up a \
                 provisioner for it."
            }
            Cause::Mount => "Create what the volume refers to, or correct the reference.",
            Cause::Failed | Cause::Missing => return None,
        })
    }

    fn is_out_of_memory(&self) -> bool {
        self.trouble
            .as_ref()
            .is_some_and(|found| found.reason.contains("OOMKilled") || found.exit_code == Some(137))
    }

    fn mask(&mut self, sensitive: &Sensitive) {
        self.summary = sensitive.mask(&self.summary);
        if let Some(trouble) = &mut self.trouble {
            trouble.message = sensitive.mask(&trouble.message);
        }
        for (_, text) in &mut self.events {
            *text = sensitive.mask(text);
        }
        for line in &mut self.log {
            *line = shorten(&sensitive.mask(line), LINE_LENGTH);
        }
    }
}

/// Is what a wait knows about an object when it gives up.
#[derive(Clone, Copy, Debug)]
pub struct Finding<'a> {
    /// What is wrong, if anything was found.
    pub trouble: Option<&'a Trouble>,
    /// Whether that cannot heal by itself.
    pub is_certain: bool,
    /// What is missing.
    pub summary: &'a str,
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pods {
            Some((ready, 1)) => write!(formatter, "{ready} of 1 pod is ready.")?,
            Some((ready, total)) => write!(formatter, "{ready} of {total} pods are ready.")?,
            None => write!(formatter, "{}.", sentence(&self.summary))?,
        }
        if let Some(trouble) = &self.trouble {
            write_trouble(formatter, trouble)?;
        } else if self.pods.is_some() {
            write!(formatter, " {}.", sentence(&self.summary))?;
        }
        for (position, (age, text)) in self.events.iter().enumerate() {
            let label = if position == 0 { "Last event" } else { "Before" };
            write!(formatter, "\n  {label} ({} ago): {}.", Age(*age), text.trim_end_matches('.'))?;
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

fn write_trouble(formatter: &mut fmt::Formatter<'_>, trouble: &Trouble) -> fmt::Result {
    match (&trouble.pod, &trouble.container) {
        (Some(pod), Some(container)) => write!(formatter, " Pod `{pod}`, container `{container}`: ")?,
        (Some(pod), None) => write!(formatter, " Pod `{pod}`: ")?,
        (None, _) => write!(formatter, " ")?,
    }
    write!(formatter, "{}", trouble.reason)?;
    if let Cause::CrashLoop { restarts } = trouble.cause {
        write!(formatter, ", started again {restarts} times")?;
    }
    if let Some(code) = trouble.exit_code {
        write!(formatter, ", exit code {code}{}", exit_meaning(code))?;
    }
    match trouble.message.trim().trim_end_matches('.') {
        "" => write!(formatter, "."),
        message => write!(formatter, ": {}.", shorten(message, 2 * LINE_LENGTH)),
    }
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

fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}

fn shorten(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(length).collect();
    short.push_str(" ...");
    short
}

/// Returns the events to show: warnings, or whatever there is if there are none.
fn shown_events(events: &[Event], now: Timestamp) -> Vec<(u64, String)> {
    let has_warnings = events.iter().any(|event| event.is_warning);
    let mut shown: Vec<(u64, String)> = Vec::new();
    for event in events.iter().rev().filter(|event| event.is_warning || !has_warnings) {
        let seconds = event.time.map_or(0, |time| now.as_second() - time.as_second());
        let text = format!("{}: {}", event.reason, one_line(&event.message));
        if !shown.iter().any(|(_, known)| *known == text) {
            // Clocks of the cluster's machines differ from ours: nothing is in the future.
            shown.push((u64::try_from(seconds).unwrap_or(0), text));
        }
        if shown.len() == EVENTS {
            break;
        }
    }
    shown
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn pod_count(surroundings: &Surroundings) -> Option<(usize, usize)> {
    let total = surroundings.pods.len();
    (total > 0).then(|| (surroundings.pods.iter().filter(|pod| is_ready(pod)).count(), total))
}

/// Returns how a pod's container ended, for pods that are not started again: those of a Job.
fn ended_badly(pod: &LiveObject) -> Option<Trouble> {
    for list in ["initContainerStatuses", "containerStatuses"] {
        let statuses = pod.get(&["status", list]).and_then(serde_json::Value::as_array);
        for status in statuses.into_iter().flatten() {
            let exit_code = ["/state/terminated/exitCode", "/lastState/terminated/exitCode"]
                .iter()
                .find_map(|path| status.pointer(path)?.as_i64())
                .filter(|code| *code != 0);
            if exit_code.is_some() {
                let text = |path: &str| {
                    status.pointer(path).and_then(serde_json::Value::as_str).unwrap_or_default()
                };
                return Some(Trouble {
                    pod: Some(pod.name().to_owned()),
                    container: Some(text("/name").to_owned()),
                    exit_code,
                    ..Trouble::of_object(
                        Cause::Failed,
                        text("/state/terminated/reason"),
                        text("/state/terminated/message"),
                    )
                });
            }
        }
    }
    None
}

/// Returns the last lines that the container in question wrote; none if it never ran or
/// its log may not be read.
async fn log_of(cluster: &Cluster, pod: &LiveObject, trouble: Option<&Trouble>) -> Vec<String> {
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
        let lines = read_log(cluster, pod, container, *previous).await;
        if !lines.is_empty() {
            return lines;
        }
    }
    Vec::new()
}

async fn read_log(
    cluster: &Cluster,
    pod: &LiveObject,
    container: &str,
    previous: bool,
) -> Vec<String> {
    let path = format!(
        "/api/v1/namespaces/{}/pods/{}/log?container={}&previous={previous}&tailLines={LOG_LINES}\
         &limitBytes={LOG_BYTES}",
        encode_segment(pod.namespace().unwrap_or_default()),
        encode_segment(pod.name()),
        encode_segment(container),
    );
    let reading = async {
        let client = cluster.client().await.map_err(|error| error.to_string())?;
        let request =
            http::Request::get(path).body(Vec::new()).map_err(|error| error.to_string())?;
        client.request_text(request).await.map_err(|error| error.to_string())
    };
    match tokio::time::timeout(LOG_TIMEOUT, reading).await {
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

/// Takes out what would steer the user's terminal.
fn printable(line: &str) -> String {
    line.chars().filter(|character| !character.is_control() || *character == '\t').collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
