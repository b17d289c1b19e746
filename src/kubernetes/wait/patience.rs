//! How long a finding must last until it is certain that it does not heal by itself.

use std::collections::HashMap;
use std::time::Duration;
use std::time::Instant;

use super::trouble::Cause;
use super::trouble::Trouble;

/// Is how long to give each kind of finding, at the least, before giving up.
///
/// Too short would break what still heals (a Secret that an operator brings, a node
/// that an autoscaler starts), too long is what users complain about in other tools:
/// five silent minutes for a misspelt image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For an image that the registry says is not there.
    pub image_missing: Duration,
    /// For an image that could not be pulled for another reason, such as a registry whose
    /// name is not known.
    pub image_pull: Duration,
    /// For a registry that is busy or down.
    pub registry_busy: Duration,
    /// For a container that lacks a Secret, ConfigMap or key, or has a bad setting.
    pub container_config: Duration,
    /// For pods that a quota or an admission rule refuses.
    pub pod_refused: Duration,
    /// For a pod that no node takes: time for a cluster autoscaler to say that it works on it.
    pub unschedulable: Duration,
    /// For a claim without a volume.
    pub storage: Duration,
    /// For a volume that cannot be mounted.
    pub mount: Duration,
    /// For a Deployment that says that its rollout is stuck, and for custom resources that
    /// say that they are stalled: the word may be of the time before our change.
    pub failed: Duration,
    /// For an object that was applied and is not there.
    pub missing: Duration,
    /// For a load balancer's address; after that the Service counts as ready, with a
    /// warning: on a cluster without load balancers it never comes.
    pub load_balancer: Duration,
    /// How many restarts of one container are enough while something else of the release
    /// is still starting, which the container may be waiting for.
    pub restarts_while_starting: i64,
    /// How many restarts are enough when nothing else is still starting.
    pub restarts: i64,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            image_missing: seconds(5),
            image_pull: seconds(20),
            registry_busy: seconds(90),
            container_config: seconds(15),
            pod_refused: seconds(20),
            unschedulable: seconds(60),
            storage: seconds(45),
            mount: seconds(60),
            failed: seconds(30),
            missing: seconds(5),
            load_balancer: seconds(30),
            restarts_while_starting: 5,
            restarts: 3,
        }
    }
}

impl Patience {
    /// Says whether a finding is certain: it has lasted for `lasted`, and something else
    /// of the release `is_starting` or not.
    pub fn is_exhausted(&self, cause: Cause, lasted: Duration, is_starting: bool) -> bool {
        let limit = match cause {
            Cause::ImageName => Duration::ZERO,
            Cause::ImageMissing => self.image_missing,
            Cause::ImagePull => self.image_pull,
            Cause::RegistryBusy => self.registry_busy,
            Cause::ContainerConfig => self.container_config,
            Cause::PodRefused => self.pod_refused,
            Cause::Unschedulable => self.unschedulable,
            Cause::Storage => self.storage,
            Cause::Mount => self.mount,
            Cause::Failed => self.failed,
            Cause::Missing => self.missing,
            Cause::CrashLoop { restarts } => {
                let enough = if is_starting { self.restarts_while_starting } else { self.restarts };
                return restarts >= enough;
            }
        };
        lasted >= limit
    }
}

/// Remembers since when each finding is there.
#[derive(Debug, Default)]
pub struct Record {
    since: HashMap<Key, Instant>,
}

/// Tells findings apart: of one object, about one container, of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    object: usize,
    container: Option<String>,
    cause: std::mem::Discriminant<Cause>,
}

impl Record {
    /// Notes the findings about all objects at one time, each with its object's number, and
    /// returns how long each is there, in the same order. What is not found any more is
    /// forgotten.
    ///
    /// A pod's name is no part of what is remembered: a controller that makes a new pod
    /// for each failed one would otherwise begin anew every time.
    pub fn note(&mut self, findings: &[(usize, &Trouble)], now: Instant) -> Vec<Duration> {
        let keys: Vec<Key> = findings
            .iter()
            .map(|(object, trouble)| Key {
                object: *object,
                container: trouble.container.clone(),
                cause: std::mem::discriminant(&trouble.cause),
            })
            .collect();
        self.since.retain(|key, _| keys.contains(key));
        keys.into_iter()
            .map(|key| now.duration_since(*self.since.entry(key).or_insert(now)))
            .collect()
    }
}
