//! Every values file in `ci/`, installed, tested and uninstalled on a cluster whose network
//! enforces the policies.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use serde_json::Value;

use super::enforced;
use super::surroundings::Surroundings;
use crate::chart::release::Release;
use crate::chart::values_files::values_files;
use crate::support::cluster::Namespace;
use crate::support::helm::CHART;
use crate::support::helm::helm;
use crate::support::helm::try_helm;
use crate::support::text;

/// Files that need no more than the class, the node and the priority that are there for all.
const AS_THEY_ARE: &[&str] = &[
    "autoscaling",
    "default",
    "distributed",
    "ephemeral",
    "extras",
    "httproute",
    "httproute-plain",
    "ingress",
    "ingress-wildcard",
    "monitoring",
    "monitoring-asks",
    "names",
    "network-open",
    "nodeport",
    "single",
    "spa",
    "storage",
];

/// Files that need something; see [`Surroundings::prepare`].
const PREPARED: &[&str] = &[
    "accounts",
    "bare",
    "claim",
    "distributed-tls",
    "existing-secrets",
    "external",
    "external-loader",
    "external-user",
    "file",
    "file-key",
    "files",
    "files-only",
    "loadbalancer",
    "monitoring-external",
    "network",
    "scheduling",
    "storage-none",
    "tls-private",
];

/// Files that cannot be installed here, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("mirror", "its images are pinned by digests, in a registry that does not exist"),
    ("registry", "its images are those of other registries, one of them pinned by a digest"),
    ("tls", "no public authority signs a certificate for a Service of this cluster"),
];

/// Returns what a file is called without its folder and ending.
fn short(file: &Path) -> &str {
    let name = file.file_name().unwrap().to_str().unwrap();
    name.strip_suffix("-values.yaml").unwrap()
}

#[test]
fn every_values_file_is_installed_or_left_out_with_a_reason() {
    let files = values_files();
    let files: BTreeSet<&str> = files.iter().map(|file| short(file)).collect();
    let left_out = LEFT_OUT.iter().map(|(name, _)| *name);
    let decided: Vec<&str> = AS_THEY_ARE.iter().chain(PREPARED).copied().chain(left_out).collect();
    let once: BTreeSet<&str> = decided.iter().copied().collect();
    assert_eq!(once.len(), decided.len(), "a file is in two lists");
    assert_eq!(once, files, "each file in ci/ is in one of the lists");
}

#[test]
#[ignore = "needs the programs that `make test-operators` builds, and eight minutes"]
fn every_values_file_is_installed_tested_and_uninstalled() {
    enforced::enforce();
    let surroundings = Surroundings::make();
    let is_installed = |file: &PathBuf| !LEFT_OUT.iter().any(|(name, _)| *name == short(file));
    let queue: Mutex<Vec<PathBuf>> =
        Mutex::new(values_files().into_iter().filter(is_installed).rev().collect());
    let failed: Mutex<Vec<String>> = Mutex::new(Vec::new());
    // Pods wait for each other most of the time.
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(file) = { queue.lock().unwrap().pop() } {
                    let name = short(&file);
                    let begin = Instant::now();
                    // What went wrong is printed where it did.
                    if catch_unwind(AssertUnwindSafe(|| try_out(&file, &surroundings))).is_err() {
                        failed.lock().unwrap().push(name.to_owned());
                    }
                    println!("{name}: {:.0?}", begin.elapsed());
                }
            });
        }
    });
    assert_eq!(failed.into_inner().unwrap(), Vec::<String>::new());
}

/// Installs one file, lets `helm test` judge it, and uninstalls it.
fn try_out(file: &Path, surroundings: &Surroundings) {
    let name = short(file);
    let namespace = Namespace::new(name);
    let overlay = surroundings.prepare(name, &namespace);
    let more = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(more.path(), overlay.to_string()).unwrap();
    let [file, more] = [file, more.path()].map(|path| path.to_str().unwrap());
    // Helm would wait for a load balancer, and for a Job that is gone as soon as it has ended.
    let install = ["upgrade", "--install", "site", CHART, "--values", file, "--values", more];
    helm(4, &namespace, &install);
    let site = Release { namespace: &namespace, name: "site" };

    let workloads = namespace.kubectl(&["get", "deployments,statefulsets", "-o", "name"]);
    for workload in workloads.lines() {
        let status = ["rollout", "status", workload, "--timeout=240s"];
        let output = namespace.try_kubectl(&status);
        assert!(output.status.success(), "{name}: {}\n{}", text(&output), site.state());
    }
    let jobs = ["get", "jobs", "-o", "json"];
    namespace.wait_until(&format!("{name}: the loader is done"), &jobs, |printed| {
        let Ok(jobs) = serde_json::from_str::<Value>(printed) else { return false };
        jobs["items"].as_array().unwrap().iter().all(|job| job["status"]["succeeded"] == 1)
    });
    let tested = try_helm(4, &namespace, &["test", "site", "--logs", "--timeout", "2m"]);
    let printed = text(&tested);
    assert!(tested.status.success(), "{name}: {printed}\n{}", site.state());
    assert!(printed.contains("OK: "), "{name}: {printed}");

    helm(4, &namespace, &["uninstall", "site", "--wait", "--timeout", "2m"]);
    // Pods end after those who made them, and Helm leaves the one of its test.
    let kinds = "deployments,statefulsets,jobs,cronjobs,services,configmaps,networkpolicies,\
                 poddisruptionbudgets,horizontalpodautoscalers,ingresses,serviceaccounts,\
                 httproutes,servicemonitors,prometheusrules,probes,certificates";
    let own = "--selector=app.kubernetes.io/instance=site";
    let left = namespace.kubectl(&["get", kinds, own, "-o", "name"]);
    assert_eq!(left, "", "{name} leaves something");
}
