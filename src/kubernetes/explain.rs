//! Why an object is not ready, in the words of the cluster.
//!
//! The text answers what people otherwise run four `kubectl` commands for: how many
//! pods are ready, which one is not, which container, why, what happened last, how
//! the container ended and what it wrote before.

mod events;
mod log;
mod text;

use jiff::Timestamp;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::sensitive::Sensitive;
use crate::kubernetes::wait::surroundings::Surroundings;
use crate::kubernetes::wait::surroundings::events_of;
use crate::kubernetes::wait::surroundings::is_ready;
use crate::kubernetes::wait::trouble::Cause;
use crate::kubernetes::wait::trouble::Trouble;

/// How many characters of one line are shown.
const LINE_LENGTH: usize = 300;

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
    /// How many of its pods are ready, of how many; nothing for what is to end, as a Job is.
    pub pods: Option<(usize, usize)>,
    /// What is wrong.
    pub trouble: Option<Trouble>,
    /// What happened last, newest first: how many seconds ago, and the text.
    pub events: Vec<(u64, String)>,
    /// The last lines that the container wrote.
    pub log: Vec<String>,
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

impl Explanation {
    /// Makes the explanation, reading events and the log of the pod that the trouble is about.
    pub async fn gather(
        cluster: &Cluster,
        object: &ObjectReference,
        surroundings: &Surroundings,
        finding: Finding<'_>,
        sensitive: &Sensitive,
    ) -> Self {
        let named = finding.trouble.and_then(|found| found.pod.as_deref());
        let pods = &surroundings.pods;
        let pod = match named {
            Some(name) => pods.iter().find(|pod| pod.name() == name),
            None => pods.iter().rev().find(|pod| !is_ready(pod)),
        };
        let mut happened = match pod {
            Some(pod) => events_of(cluster, pod, None).await,
            None => Vec::new(),
        };
        if !happened.iter().any(|event| event.is_warning) {
            happened.extend(surroundings.events.iter().cloned());
        }
        let log = match pod {
            Some(pod) => log::last_lines(cluster, pod, finding.trouble).await,
            None => Vec::new(),
        };
        let trouble = with_end(finding.trouble.cloned(), pod.and_then(log::ended_badly));
        let events = events::shown(&happened, trouble.as_ref(), !log.is_empty(), Timestamp::now());
        let mut explanation = Self {
            object: object.clone(),
            is_certain: finding.is_certain,
            summary: finding.summary.to_owned(),
            pods: pod_count(object, surroundings),
            trouble,
            events,
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
        let trouble = self.trouble.as_ref()?;
        Some(match trouble.cause {
            Cause::ImageName => "Correct the image's name: registry/repository:tag, in lower case.",
            Cause::ImageMissing => {
                "Set the image to a repository and tag that exist, and add a pull secret if the \
                 registry asks for one."
            }
            Cause::ImagePull | Cause::RegistryBusy => {
                "The registry could not be reached: check the image's registry name, and the nodes' \
                 network, name resolution, proxy and registry mirror."
            }
            Cause::ContainerConfig => {
                "Create the Secret, ConfigMap or key that the container refers to, or correct the \
                 reference."
            }
            Cause::CrashLoop { .. } | Cause::Failed if trouble.is_out_of_memory() => {
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

    /// Masks what the cluster has quoted. Names and our own words stay.
    fn mask(&mut self, sensitive: &Sensitive) {
        if let Some(trouble) = &mut self.trouble {
            trouble.message = sensitive.mask(&trouble.message);
        }
        for (_, text) in &mut self.events {
            *text = text::shorten(&sensitive.mask(text), 2 * LINE_LENGTH);
        }
        for line in &mut self.log {
            *line = text::shorten(&sensitive.mask(line), LINE_LENGTH);
        }
        self.summary = sensitive.mask(&self.summary);
    }
}

/// Adds to what an object says of itself which container of it ended, and how.
fn with_end(trouble: Option<Trouble>, end: Option<Trouble>) -> Option<Trouble> {
    match (trouble, end) {
        (Some(trouble), Some(end)) if trouble.pod.is_none() && trouble.cause == Cause::Failed => {
            Some(Trouble {
                pod: end.pod,
                container: end.container,
                exit_code: end.exit_code,
                ..trouble
            })
        }
        (trouble, end) => trouble.or(end),
    }
}

fn pod_count(object: &ObjectReference, surroundings: &Surroundings) -> Option<(usize, usize)> {
    let total = surroundings.pods.len();
    let serves = !object.kind.is("batch", "Job") && !object.kind.is("", "Pod");
    (serves && total > 0)
        .then(|| (surroundings.pods.iter().filter(|pod| is_ready(pod)).count(), total))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
