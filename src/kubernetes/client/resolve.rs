//! Decides which cluster is meant, and as whom.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::config::AuthInfo;
use kube::config::Cluster as ClusterEntry;
use kube::config::ExecInteractiveMode;
use kube::config::Kubeconfig;
use serde_json::Value;
use serde_json::json;

use crate::kubernetes::client::config::ClientConfig;
use crate::kubernetes::client::kubeconfig;
use crate::kubernetes::client::proxy;
use crate::kubernetes::error::KubernetesError;

/// Is the decision.
pub(super) struct Resolved {
    pub(super) config: kube::Config,
    /// Where the address comes from.
    pub(super) origin: String,
    /// Whose credentials are sent.
    pub(super) identity: String,
}

type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Decides; `config` has the environment's values filled in already.
pub(super) fn resolve(
    config: &ClientConfig,
    environment: Environment<'_>,
) -> Result<Resolved, KubernetesError> {
    if let Some((files, source)) = files(config, environment)? {
        return from_kubeconfig(config, files, &source, environment);
    }
    if config.host.is_some() {
        return from_parts(
            config,
            &ClusterEntry::default(),
            AuthInfo::default(),
            "`host` of the provider's `kubernetes` block, or KUBE_HOST",
            "the provider's `kubernetes` block",
            environment,
        );
    }
    if environment("KUBERNETES_SERVICE_HOST").is_some() {
        let config = kube::Config::incluster().map_err(|error| {
            KubernetesError::Configuration(format!(
                "This runs in a pod whose service account cannot be used: {error}. Mount its token, or \
                 set `config_path`."
            ))
        })?;
        return Ok(Resolved {
            config,
            origin: "KUBERNETES_SERVICE_HOST of the pod this runs in".to_owned(),
            identity: "the service account of the pod this runs in".to_owned(),
        });
    }
    Err(KubernetesError::Configuration(
        "No Kubernetes cluster is configured: the provider's `kubernetes` block names none, KUBE_HOST, \
         KUBE_CONFIG_PATH and KUBECONFIG name none, there is no ~/.kube/config, and this does not run in a \
         pod. Set one of them, for example `kubernetes = { config_path = \"~/.kube/config\" }`."
            .to_owned(),
    ))
}

/// Returns the kubeconfig to use, if any, and a text that names its files.
fn files(
    config: &ClientConfig,
    environment: Environment<'_>,
) -> Result<Option<(Kubeconfig, String)>, KubernetesError> {
    let (paths, optional): (Vec<PathBuf>, bool) = if let Some(path) = &config.config_path {
        (vec![kubeconfig::expand_home(path, environment)], false)
    } else if !config.config_paths.is_empty() {
        let paths = config.config_paths.iter();
        (paths.map(|path| kubeconfig::expand_home(path, environment)).collect(), false)
    } else if config.host.is_some() {
        // A user of some other cluster must not be sent to this host.
        return Ok(None);
    } else if let Some(list) = environment("KUBECONFIG").filter(|list| !list.is_empty()) {
        let paths: Vec<PathBuf> =
            kubeconfig::split_paths(&list).into_iter().map(PathBuf::from).collect();
        // One file that is named and missing is a mistake; of several, some may be missing.
        let optional = paths.len() > 1 && paths.iter().any(|path| path.exists());
        (paths, optional)
    } else {
        (vec![kubeconfig::expand_home("~/.kube/config", environment)], true)
    };
    let source = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    Ok(kubeconfig::read(&paths, optional)?.map(|read| (read, source)))
}

fn from_kubeconfig(
    config: &ClientConfig,
    files: Kubeconfig,
    source: &str,
    environment: Environment<'_>,
) -> Result<Resolved, KubernetesError> {
    let Some(name) = config.config_context.clone().or(files.current_context) else {
        return Err(KubernetesError::Configuration(format!(
            "{source} has no current context. Set `config_context`, or choose one with \
             `kubectl config use-context`. {}",
            known("contexts", files.contexts.iter().map(|context| context.name.as_str()))
        )));
    };
    let context = files
        .contexts
        .iter()
        .find(|context| context.name == name)
        .and_then(|context| context.context.clone())
        .ok_or_else(|| {
            let contexts = known("contexts", files.contexts.iter().map(|one| one.name.as_str()));
            KubernetesError::Configuration(format!("{source} has no context `{name}`. {contexts}"))
        })?;
    let cluster_name = config.config_context_cluster.as_ref().unwrap_or(&context.cluster);
    let cluster = files
        .clusters
        .iter()
        .find(|cluster| &cluster.name == cluster_name)
        .and_then(|cluster| cluster.cluster.clone())
        .ok_or_else(|| {
            let clusters = known("clusters", files.clusters.iter().map(|one| one.name.as_str()));
            KubernetesError::Configuration(format!(
                "{source} has no cluster `{cluster_name}`, which context `{name}` asks for. {clusters}"
            ))
        })?;
    let user_name = config.config_context_auth_info.as_ref().or(context.user.as_ref());
    let user = match user_name {
        None => AuthInfo::default(),
        Some(user_name) => files
            .auth_infos
            .iter()
            .find(|user| &user.name == user_name)
            .and_then(|user| user.auth_info.clone())
            .ok_or_else(|| {
                let users = known("users", files.auth_infos.iter().map(|one| one.name.as_str()));
                KubernetesError::Configuration(format!(
                    "{source} has no user `{user_name}`, which context `{name}` asks for. {users}"
                ))
            })?,
    };
    let origin = format!("context `{name}` of {source}");
    let identity = match user_name {
        Some(user) => format!("user `{user}` of {origin}"),
        None => format!("nobody ({origin} names no user)"),
    };
    from_parts(config, &cluster, user, &origin, &identity, environment)
}

fn known<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        format!("There are no {what} in it.")
    } else {
        format!("The {what} in it: {}.", names.join(", "))
    }
}

/// Lays what the provider block says over a cluster and a user of a kubeconfig file.
fn from_parts(
    config: &ClientConfig,
    cluster: &ClusterEntry,
    user: AuthInfo,
    origin: &str,
    identity: &str,
    environment: Environment<'_>,
) -> Result<Resolved, KubernetesError> {
    let mut cluster = cluster.clone();
    let mut origin = origin.to_owned();
    if let Some(host) = &config.host {
        cluster.server = Some(url(host));
        "`host` of the provider's `kubernetes` block, or KUBE_HOST".clone_into(&mut origin);
    }
    if let Some(pem) = &config.cluster_ca_certificate {
        cluster.certificate_authority_data = Some(STANDARD.encode(pem));
        cluster.certificate_authority = None;
    }
    if let Some(insecure) = config.insecure {
        cluster.insecure_skip_tls_verify = Some(insecure);
    }
    if let Some(name) = &config.tls_server_name {
        cluster.tls_server_name = Some(name.clone());
    }
    if let Some(proxy) = &config.proxy_url {
        cluster.proxy_url = Some(proxy.clone());
    }
    let explicit_proxy = cluster.proxy_url.clone().filter(|proxy| !proxy.is_empty());

    let (mut user, identity) = match own_credentials(config)? {
        Some(own) => (own, "the provider's `kubernetes` block or KUBE_* variables".to_owned()),
        None => (user, identity.to_owned()),
    };
    if let Some(exec) = &mut user.exec {
        // Terraform gives a provider no terminal: a plugin that asks something would wait for ever.
        exec.interactive_mode = Some(ExecInteractiveMode::Never);
    }

    let name = "s3www";
    let whole = Kubeconfig {
        clusters: vec![kube::config::NamedCluster {
            name: name.to_owned(),
            cluster: Some(cluster),
            ..Default::default()
        }],
        auth_infos: vec![kube::config::NamedAuthInfo {
            name: name.to_owned(),
            auth_info: Some(user),
            ..Default::default()
        }],
        contexts: vec![kube::config::NamedContext {
            name: name.to_owned(),
            context: Some(kube::config::Context {
                cluster: name.to_owned(),
                user: Some(name.to_owned()),
                ..Default::default()
            }),
            ..Default::default()
        }],
        current_context: Some(name.to_owned()),
        ..Default::default()
    };
    let mut config = kube::Config::try_from(whole).map_err(|error| {
        KubernetesError::Configuration(format!("The cluster of {origin} cannot be used: {error}."))
    })?;
    config.proxy_url = proxy::choose(
        explicit_proxy.as_deref(),
        config.cluster_url.host().unwrap_or_default(),
        environment,
    )?;
    Ok(Resolved { config, origin, identity })
}

/// Returns a URL for a host that may be given without a scheme, as the Helm provider allows.
fn url(host: &str) -> String {
    if host.contains("://") { host.to_owned() } else { format!("https://{host}") }
}

/// Returns the credentials that the provider block itself gives, if it gives any.
fn own_credentials(config: &ClientConfig) -> Result<Option<AuthInfo>, KubernetesError> {
    let mut own = serde_json::Map::new();
    match (&config.client_certificate, &config.client_key) {
        (Some(certificate), Some(key)) => {
            own.insert(
                "client-certificate-data".to_owned(),
                Value::String(STANDARD.encode(certificate)),
            );
            own.insert("client-key-data".to_owned(), Value::String(STANDARD.encode(key)));
        }
        (Some(_), None) => {
            return Err(KubernetesError::Configuration(
                "`client_certificate` is set but `client_key` is not. Set both.".to_owned(),
            ));
        }
        (None, Some(_)) => {
            return Err(KubernetesError::Configuration(
                "`client_key` is set but `client_certificate` is not. Set both.".to_owned(),
            ));
        }
        (None, None) => {}
    }
    if let Some(token) = &config.token {
        own.insert("token".to_owned(), Value::String(token.clone()));
    }
    if let Some(exec) = &config.exec {
        let env: Vec<Value> =
            exec.env.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        own.insert(
            "exec".to_owned(),
            json!({
                "apiVersion": exec.api_version,
                "command": exec.command,
                "args": exec.args,
                "env": env,
            }),
        );
    }
    if own.is_empty() {
        return Ok(None);
    }
    // Tokens and keys are of a type that only deserialising makes without another dependency.
    serde_json::from_value(Value::Object(own)).map(Some).map_err(|_| {
        KubernetesError::Configuration(
            "The credentials of the provider's `kubernetes` block cannot be used.".to_owned(),
        )
    })
}
