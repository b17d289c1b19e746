use std::io::Write as _;
use std::time::Instant;

use super::ClientConfig;
use super::Cluster;
use super::ExecCommand;
use crate::kubernetes::error::KubernetesError;

fn nothing(_: &str) -> Option<String> {
    None
}

fn kubeconfig() -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(
        b"apiVersion: v1
kind: Config
current-context: one
contexts:
- {name: one, context: {cluster: c1, user: u1}}
- {name: two, context: {cluster: c2, user: u2}}
clusters:
- {name: c1, cluster: {server: 'https://one.example:6443'}}
- {name: c2, cluster: {server: 'https://two.example:6443'}}
users:
- {name: u1, user: {token: file-token}}
- {name: u2, user: {}}
",
    )
    .unwrap();
    file
}

fn path(file: &tempfile::NamedTempFile) -> Option<String> {
    Some(file.path().to_str().unwrap().to_owned())
}

#[test]
fn a_missing_kubeconfig_is_named() {
    let config =
        ClientConfig { config_path: Some("/no/such/file".to_owned()), ..Default::default() };
    let error = Cluster::connect_with(&config, &nothing).unwrap_err().to_string();
    assert!(error.contains("/no/such/file does not exist"), "{error}");
    let environment = |name: &str| (name == "KUBECONFIG").then(|| "/no/such/env".to_owned());
    let error =
        Cluster::connect_with(&ClientConfig::default(), &environment).unwrap_err().to_string();
    assert!(error.contains("/no/such/env does not exist"), "{error}");
}

#[test]
fn nothing_at_all_says_what_to_set() {
    let error = Cluster::connect_with(&ClientConfig::default(), &|name| {
        (name == "HOME").then(|| "/no/such/home".to_owned())
    })
    .unwrap_err()
    .to_string();
    assert!(error.contains("config_path"), "{error}");
}

#[test]
fn contexts_are_chosen_and_a_wrong_one_lists_the_right_ones() {
    let file = kubeconfig();
    let config = ClientConfig { config_path: path(&file), ..Default::default() };
    let cluster = Cluster::connect_with(&config, &nothing).unwrap();
    assert_eq!(cluster.address(), "https://one.example:6443");
    assert!(cluster.identity().contains("user `u1`"), "{}", cluster.identity());
    let config = ClientConfig { config_context: Some("two".to_owned()), ..config };
    assert_eq!(
        Cluster::connect_with(&config, &nothing).unwrap().address(),
        "https://two.example:6443"
    );
    let config = ClientConfig { config_context: Some("three".to_owned()), ..config };
    let error = Cluster::connect_with(&config, &nothing).unwrap_err().to_string();
    assert!(error.contains("no context `three`") && error.contains("`one`, `two`"), "{error}");
}

#[test]
fn the_environment_stands_behind_the_block() {
    let file = kubeconfig();
    let name = path(&file).unwrap();
    let environment = move |variable: &str| match variable {
        "KUBE_CONFIG_PATH" => Some(name.clone()),
        "KUBE_CTX" => Some("two".to_owned()),
        "KUBE_INSECURE" => Some("true".to_owned()),
        _ => None,
    };
    let cluster = Cluster::connect_with(&ClientConfig::default(), &environment).unwrap();
    assert_eq!(cluster.address(), "https://two.example:6443");
    assert!(cluster.shared.config.accept_invalid_certs);
    let config = ClientConfig { config_context: Some("one".to_owned()), ..Default::default() };
    let cluster = Cluster::connect_with(&config, &environment).unwrap();
    assert_eq!(cluster.address(), "https://one.example:6443");
}

#[test]
fn a_host_alone_does_not_get_the_credentials_of_another_cluster() {
    let file = kubeconfig();
    let name = path(&file).unwrap();
    let environment = move |variable: &str| (variable == "KUBECONFIG").then(|| name.clone());
    let config = ClientConfig { host: Some("other.example".to_owned()), ..Default::default() };
    let cluster = Cluster::connect_with(&config, &environment).unwrap();
    assert_eq!(cluster.address(), "https://other.example");
    assert!(cluster.shared.config.auth_info.token.is_none());
}

#[test]
fn own_credentials_replace_those_of_the_file() {
    let file = kubeconfig();
    let config = ClientConfig {
        config_path: path(&file),
        exec: Some(ExecCommand { command: "plugin".to_owned(), ..Default::default() }),
        ..Default::default()
    };
    let cluster = Cluster::connect_with(&config, &nothing).unwrap();
    assert!(cluster.shared.config.auth_info.token.is_none());
    assert_eq!(cluster.plugin(), Some("plugin"));
    let config = ClientConfig { client_key: Some("k".to_owned()), ..Default::default() };
    let config = ClientConfig { host: Some("h".to_owned()), ..config };
    assert!(Cluster::connect_with(&config, &nothing).is_err());
}

#[test]
fn a_broken_kubeconfig_does_not_show_its_content() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"users:\n- {name: u, user: {token: hunter2}\nclusters: [").unwrap();
    let config = ClientConfig { config_path: path(&file), ..Default::default() };
    let error = Cluster::connect_with(&config, &nothing).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    assert!(error.to_string().contains("not a valid kubeconfig"), "{error}");
}

#[test]
fn debug_shows_no_credential() {
    let config = ClientConfig { token: Some("hunter2".to_owned()), ..Default::default() };
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_failing_credential_plugin_is_named_and_its_output_is_not_shown() {
    let config = ClientConfig {
        host: Some("https://127.0.0.1:1".to_owned()),
        exec: Some(ExecCommand {
            api_version: "client.authentication.k8s.io/v1".to_owned(),
            command: "sh".to_owned(),
            args: vec!["-c".to_owned(), "echo hunter2; echo not logged in >&2; exit 3".to_owned()],
            env: vec![("SECRET".to_owned(), "hunter3".to_owned())],
        }),
        ..Default::default()
    };
    let cluster = Cluster::connect_with(&config, &nothing).unwrap();
    let error = cluster.get_path("/version").await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("`sh` failed") && text.contains("not logged in"), "{text}");
    assert!(!text.contains("hunter"), "{text}");
}

#[tokio::test]
async fn a_closed_port_is_reported_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    drop(listener);
    let config = ClientConfig { host: Some(address.clone()), ..Default::default() };
    let cluster = Cluster::connect_with(&config, &nothing).unwrap();
    let start = Instant::now();
    let error = cluster.get_path("/version").await.unwrap_err();
    assert!(start.elapsed().as_secs() < 5);
    let KubernetesError::Unreachable { .. } = &error else { panic!("{error:?}") };
    assert!(error.to_string().contains(&address), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_server_that_does_not_shake_hands_is_given_up_after_five_seconds() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = ClientConfig {
        host: Some(format!("https://{}", listener.local_addr().unwrap())),
        ..Default::default()
    };
    let cluster = Cluster::connect_with(&config, &nothing).unwrap();
    let start = Instant::now();
    let error = cluster.get_path("/version").await.unwrap_err();
    assert!(start.elapsed().as_secs() < 8, "{:?}", start.elapsed());
    assert!(error.to_string().contains("no connection within 5 s"), "{error}");
}
