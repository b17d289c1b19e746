//! Charts of our own that meet the corners where Helm is not what one expects.

mod context;
mod documents;
mod merging;
pub mod refused;
mod tricky;

use std::fs;
use std::path::Path;

use super::case::Case;

/// Is a chart as a table of files, with values files to render it with.
#[derive(Clone, Copy)]
pub struct Fixture {
    /// The name of the chart's folder.
    pub name: &'static str,
    /// The files by path.
    pub files: &'static [(&'static str, &'static str)],
    /// The values files by name.
    pub values: &'static [(&'static str, &'static str)],
}

/// Values for the chart that `helm create` makes, each with the part that it switches on.
pub const HELM_CREATE_VALUES: &[(&str, &str)] = &[
    (
        "ingress",
        r#"
ingress:
  enabled: true
  className: nginx
  annotations: { kubernetes.io/tls-acme: "true", example.com/number: 12 }
  hosts:
    - host: a.example.com
      paths: [{ path: /, pathType: Prefix }, { path: /api, pathType: Exact }]
    - host: b.example.com
      paths: []
  tls: [{ secretName: tls, hosts: [a.example.com] }]
"#,
    ),
    (
        "autoscaling",
        "autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 7, \
         targetMemoryUtilizationPercentage: 70 }\nserviceAccount: { create: false, name: other }\n",
    ),
    (
        "route",
        r"
httpRoute:
  enabled: true
  parentRefs: [{ name: gateway, sectionName: http }]
  hostnames: [a.example.com]
  rules: [{ matches: [{ path: { type: PathPrefix, value: /headers } }] }]
",
    ),
    (
        "names",
        "fullnameOverride: an-override-that-is-far-too-long-for-a-label-and-so-is-cut-at-sixty-three-\n",
    ),
    (
        "pods",
        r#"
replicaCount: 3
image: { repository: registry.example.com/web, tag: "1.10", pullPolicy: Always }
imagePullSecrets: [{ name: pull }]
podAnnotations: { checksum/a: "1", b: "true" }
podSecurityContext: { fsGroup: 2000 }
securityContext: { capabilities: { drop: [ALL] }, runAsUser: 1000 }
resources: { limits: { cpu: 100m, memory: 128Mi }, requests: { cpu: 0.5 } }
nodeSelector: { disk: ssd }
tolerations: [{ key: a, operator: Exists, tolerationSeconds: 3600 }]
affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } }
volumes: [{ name: v, secret: { secretName: s, optional: false } }]
volumeMounts: [{ name: v, mountPath: /v, readOnly: true }]
"#,
    ),
];

/// Writes all charts below the folder and returns their cases.
pub fn write(folder: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    for fixture in
        [merging::FIXTURES, context::FIXTURES, documents::FIXTURES, tricky::FIXTURES].concat()
    {
        let chart = folder.join(fixture.name);
        for (path, text) in fixture.files {
            write_file(&chart.join(path), text);
        }
        let case = Case::new(fixture.name, &chart).include_crds();
        for (name, text) in fixture.values {
            let file = folder.join(format!("{}-{name}.yaml", fixture.name));
            write_file(&file, text);
            let mut with_values = case.clone().values(&file).api_version("example.com/v1");
            with_values.name = format!("{} with {name}", fixture.name);
            cases.push(with_values.clone());
            cases.push(with_values.upgrade());
        }
        cases.push(case);
    }
    cases
}

fn write_file(path: &Path, text: &str) {
    let folder = path.parent().expect("a file lies in a folder");
    fs::create_dir_all(folder).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}
