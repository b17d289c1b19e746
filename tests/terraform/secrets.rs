//! No secret is ever shown: canaries in every place, looked for in everything that
//! a user, a state backend or a log collector gets to see.

mod canary;

pub use self::canary::write_chart;

use serde_json::Value;

use self::canary::Canary;
use self::canary::assert_absent;
use super::workspace;
use crate::support::client::Client;
use crate::support::cluster::Namespace;
use crate::support::workspace::Ran;
use crate::support::workspace::Workspace;

/// Is a way to give a secret value, with canaries of its own.
struct Source {
    /// Name of the stack.
    name: &'static str,
    /// The attribute, and what stands beside it.
    attributes: &'static str,
    secret: &'static str,
    word: &'static str,
    number: &'static str,
    /// The number as a template prints it that treats it as the float it is.
    float: &'static str,
}

/// Nobody but these tests uses such texts. The first has what every quoting changes.
const SOURCES: [Source; 3] = [
    Source {
        name: "sensitive",
        attributes: "values_sensitive = var.sensitive",
        secret: "Qxcanary\"/+Sens é%7431",
        word: "qxwordsensitive",
        number: "74310937",
        float: "7.4310937e+07",
    },
    Source {
        name: "writeonly",
        attributes: "values_wo = var.writeonly",
        secret: "Wzcanary\"/+Only é%5522",
        word: "wzwordwriteonly",
        number: "55220816",
        float: "5.5220816e+07",
    },
    Source {
        name: "ephemeral",
        attributes: "values_wo = var.ephemeral\n  values_wo_version = 1",
        secret: "Vycanary\"/+Ephm é%6643",
        word: "vywordephemeral",
        number: "66430725",
        float: "6.6430725e+07",
    },
];

fn canaries() -> Vec<Canary> {
    SOURCES
        .iter()
        .flat_map(|source| [source.secret, source.word, source.number, source.float])
        .chain([OTHER_SECRET])
        .map(Canary::new)
        .collect()
}

fn write_only_canaries() -> Vec<Canary> {
    let write_only = SOURCES.iter().filter(|source| source.attributes.contains("values_wo"));
    write_only
        .flat_map(|source| [source.secret, source.word, source.number])
        .map(Canary::new)
        .collect()
}

fn configuration(namespace: &Namespace, sources: &[Source]) -> String {
    let one = |Source { name, attributes, .. }: &Source| {
        // A sensitive value is remembered by the client itself; a write-only one comes
        // from an ephemeral variable, which it does not remember.
        let kind = if *name == "sensitive" { "sensitive" } else { "ephemeral" };
        format!(
            r#"
variable "{name}" {{
  type = object({{ secret = string, word = string, number = number }})
  {kind} = true
}}

resource "s3www_stack" "{name}" {{
  name      = "{name}"
  namespace = "{namespace}"
  chart     = "./chart"
  values    = {{ mode = "none", extra = "one" }}
  timeout   = "40s"
  {attributes}
}}
"#,
            namespace = namespace.name
        )
    };
    sources.iter().map(one).collect()
}

/// Writes the file that gives the secrets: the only one that may hold them.
fn write_secrets(site: &Workspace, sources: &[Source]) {
    let one = |Source { name, secret, word, number, .. }: &Source| {
        // JSON's quoting is HCL's, but for templates, which none of these has.
        let secret = Value::from(*secret);
        format!("{name} = {{ secret = {secret}, word = \"{word}\", number = {number} }}\n")
    };
    site.write("secret.auto.tfvars", &sources.iter().map(one).collect::<String>());
}

/// Returns JSON without what clients store and show by themselves: the variables of a
/// plan, and `values_sensitive`, which the schema marks as sensitive.
fn without_what_clients_keep(mut json: Value) -> String {
    fn strip(json: &mut Value) {
        match json {
            Value::Object(members) => {
                members.remove("values_sensitive");
                members.remove("variables");
                members.values_mut().for_each(strip);
            }
            Value::Array(elements) => elements.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut json);
    // The private data is base64 of JSON.
    let private = json.to_string();
    let decoded = private.split('"').filter_map(|word| {
        use base64::Engine;
        let bytes = base64::engine::general_purpose::STANDARD.decode(word).ok()?;
        String::from_utf8(bytes).ok()
    });
    let decoded: Vec<_> = decoded.collect();
    format!("{private}\n{}", decoded.join("\n"))
}

/// Looks for canaries in everything that a command left: what it printed, its log at
/// TRACE, the state and its backup.
#[track_caller]
fn assert_nothing_leaks(site: &Workspace, what: &str, ran: &Ran) {
    let canaries = canaries();
    assert_absent(&canaries, &format!("what `{what}` printed"), &ran.text);
    let log = std::fs::read(site.path("trace.log")).unwrap_or_default();
    assert!(!log.is_empty(), "TF_LOG_PATH is written");
    // Both clients print at DEBUG what the state has of any attribute without a fixed type:
    // `values_sensitive`, which is in the state, and never a write-only one.
    let log = String::from_utf8_lossy(&log);
    let (dumps, log): (Vec<_>, Vec<_>) =
        log.lines().partition(|line| line.contains("UpgradeResourceState: ignoring dynamic block"));
    assert_absent(&canaries, &format!("the log of `{what}`"), &log.join("\n"));
    assert_absent(&write_only_canaries(), "what clients log of a state", &dumps.join("\n"));
    site.remove("trace.log");
    for file in ["terraform.tfstate", "terraform.tfstate.backup"] {
        if let Ok(text) = std::fs::read_to_string(site.path(file)) {
            let state = serde_json::from_str(&text).unwrap_or_default();
            let place = format!("{file} after `{what}`");
            assert_absent(&canaries, &place, &without_what_clients_keep(state));
        }
    }
}

/// Runs a command, and looks for canaries in all that it left.
#[track_caller]
fn run(site: &Workspace, arguments: &[&str]) -> Ran {
    let ran = site.run(arguments);
    assert_nothing_leaks(site, &arguments.join(" "), &ran);
    ran
}

fn json(site: &Workspace, arguments: &[&str]) -> Value {
    let output = site.command(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    site.remove("trace.log");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn traced(site: Workspace) -> Workspace {
    let log = site.path("trace.log");
    site.with("TF_LOG", "TRACE").with("TF_LOG_PATH", log.to_str().unwrap())
}

const PLAN: [&str; 4] = ["plan", "-no-color", "-out=saved.tfplan", "-detailed-exitcode"];
const APPLY: [&str; 3] = ["apply", "-no-color", "-auto-approve"];

/// Plans, looks at the plan in all its forms, and applies it. Returns what was printed.
#[track_caller]
fn plan_and_apply(site: &Workspace) -> String {
    let plan = run(site, &PLAN);
    assert_eq!(plan.status, 2, "{}", plan.text);
    run(site, &["show", "-no-color", "saved.tfplan"]).ok();
    let shown = json(site, &["show", "-json", "saved.tfplan"]);
    let shown = without_what_clients_keep(shown);
    assert_absent(&canaries(), "the plan as JSON", &shown);
    run(site, &["apply", "-no-color", "saved.tfplan"]).ok();
    plan.text
}

/// Fails the test unless a plan has nothing to do.
#[track_caller]
fn assert_nothing_to_do(site: &Workspace) {
    for refresh in ["-refresh=true", "-refresh=false"] {
        let plan = run(site, &["plan", "-no-color", "-detailed-exitcode", refresh]);
        assert_eq!(plan.status, 0, "the plan ({refresh}) is not empty:\n{}", plan.text);
    }
}

fn kubectl_password(namespace: &Namespace, name: &str) -> String {
    use base64::Engine;
    let encoded = namespace.kubectl(&["get", "secret", name, "-o", "jsonpath={.data.plain}"]);
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The life of secrets, with one client.
fn life(client: Client) {
    let namespace = Namespace::new("canary");
    let site = traced(workspace(client, &configuration(&namespace, &SOURCES)));
    canary::write_chart(&site);
    write_secrets(&site, &SOURCES);
    site.init();

    plan_and_apply(&site);
    for source in &SOURCES {
        assert_eq!(kubectl_password(&namespace, source.name), source.secret, "it is applied");
        let objects = site.attributes(&format!("s3www_stack.{}", source.name))["objects"].clone();
        let map = &objects[format!("v1/ConfigMap/{}/{}", namespace.name, source.name)];
        assert_eq!(map["data.extra"], "one", "what is no secret is shown");
        assert!(map["data.cut"].as_str().unwrap().starts_with("(hash) "), "{client:?}: {map}");
    }
    site.remove("trace.log");
    assert_nothing_to_do(&site);

    // An unrelated update keeps what is write-only.
    site.replace("extra = \"one\"", "extra = \"two\"");
    let plan = plan_and_apply(&site);
    assert!(plan.contains("~ \"data.extra\""), "{plan}");
    for source in &SOURCES {
        assert_eq!(kubectl_password(&namespace, source.name), source.secret, "it survives");
    }
    assert_nothing_to_do(&site);

    // Another secret plans an update by itself, unless it has a version that says when.
    let others = SOURCES.map(|source| Source { secret: OTHER_SECRET, ..source });
    write_secrets(&site, &others);
    let plan = plan_and_apply(&site);
    assert!(plan.contains("Plan: 0 to add, 2 to change, 0 to destroy."), "{client:?}: {plan}");
    assert!(!plan.contains("s3www_stack.ephemeral will be"), "{client:?}: {plan}");
    let changed = plan.lines().find(|line| line.contains("~ \"data.plain\"")).unwrap();
    assert_eq!(changed.matches("(hash)").count(), 2, "that it changed is shown: {changed}");
    assert_eq!(kubectl_password(&namespace, "writeonly"), OTHER_SECRET);
    assert_eq!(kubectl_password(&namespace, "ephemeral"), SOURCES[2].secret);
    assert_nothing_to_do(&site);
    // What somebody does to such a field is seen nevertheless, and the way back needs the
    // value that is given now.
    let patch = "{\"stringData\":{\"plain\":\"by hand\"}}";
    namespace.kubectl(&["patch", "secret", "ephemeral", "-p", patch]);
    let plan = plan_and_apply(&site);
    assert!(plan.contains("Plan: 0 to add, 1 to change, 0 to destroy."), "{client:?}: {plan}");
    assert_eq!(kubectl_password(&namespace, "ephemeral"), OTHER_SECRET);
    assert_nothing_to_do(&site);
    site.replace("values_wo_version = 1", "values_wo_version = 2");
    plan_and_apply(&site);
    assert_nothing_to_do(&site);

    // The record has what was rendered, as Helm's has, but not the values.
    let values = super::helm(4, &namespace, &["get", "values", "writeonly"]);
    assert_absent(&canaries(), "the recorded values", &values);
    assert!(super::helm(3, &namespace, &["get", "manifest", "writeonly"]).contains(OTHER_SECRET));

    // Revisions that Helm makes of ours hide what ours hid, secrets of old among it.
    for source in &SOURCES {
        super::helm(4, &namespace, &["rollback", source.name, "1"]);
    }
    let plan = run(&site, &PLAN);
    assert_eq!(plan.status, 2, "{}", plan.text);
    let shown = json(&site, &["show", "-json", "saved.tfplan"]);
    assert_absent(&canaries(), "the plan as JSON", &without_what_clients_keep(shown));
    run(&site, &["apply", "-no-color", "-refresh-only", "-auto-approve"]).ok();
    run(&site, &APPLY).ok();
    assert_nothing_to_do(&site);

    // Nor is anything shown after an import, when only the cluster knows.
    for source in &SOURCES {
        let address = format!("s3www_stack.{}", source.name);
        run(&site, &["state", "rm", &address]).ok();
        let id = format!("{}/{}", namespace.name, source.name);
        run(&site, &["import", "-no-color", &address, &id]).ok();
    }
    run(&site, &PLAN);
    run(&site, &APPLY).ok();
    assert_nothing_to_do(&site);
    run(&site, &["destroy", "-no-color", "-auto-approve"]).ok();
}

/// Is what the secrets are changed to, also a canary.
const OTHER_SECRET: &str = "Ukcanary\"/+Othr é%9918";

/// Every way to fail, and what is printed nevertheless.
const FAILURES: [(&str, &str); 13] = [
    ("fail", "is no password"),
    ("required", "The chart cannot be rendered"),
    ("type", "The chart cannot be rendered"),
    ("yaml", "The chart cannot be rendered"),
    ("kind", "does not know the kind"),
    ("quantity", "PersistentVolumeClaim"),
    ("claim", "PersistentVolumeClaim"),
    ("service", "Service"),
    ("unknown", "ConfigMap"),
    ("env", "Deployment"),
    ("job", "exit code 3"),
    ("hook", "exit code 3"),
    ("none", ""),
];

/// <https://github.com/hashicorp/terraform-provider-helm/issues/1753> and
/// <https://github.com/hashicorp/terraform-provider-helm/issues/1287>.
#[test]
fn no_secret_is_shown_anywhere_with_terraform() {
    life(Client::Terraform);
}

/// <https://github.com/hashicorp/terraform-provider-helm/issues/1753> and
/// <https://github.com/hashicorp/terraform-provider-helm/issues/1287>.
#[test]
fn no_secret_is_shown_anywhere_with_opentofu() {
    life(Client::OpenTofu);
}

/// Credentials of the provider, wherever they are wrong.
#[test]
fn no_credential_of_the_provider_is_quoted() {
    let stack = "resource \"s3www_stack\" \"site\" { name = \"site\" }\n";
    let bucket =
        "resource \"minio_bucket\" \"b\" {\n  provider = s3www\n  bucket = \"some-bucket\"\n}\n";
    let key = SOURCES[0].word;
    let pem =
        |body: &str| format!("-----BEGIN PRIVATE KEY-----\\n{body}\\n-----END PRIVATE KEY-----");
    let host = "host = \"https://127.0.0.1:9\"";
    let cases = [
        (format!("kubernetes = {{ {host}, token = \"{key}\" }}"), stack),
        (format!("kubernetes = {{ {host}, token = \"{key}\\n{key}\" }}"), stack),
        (
            format!(
                "kubernetes = {{ {host}, client_certificate = \"{}\", client_key = \"{}\" }}",
                pem(key),
                pem(key)
            ),
            stack,
        ),
        (
            format!("kubernetes = {{ {host}, proxy_url = \"http://user:{key}@127.0.0.1:9\" }}"),
            stack,
        ),
        (
            format!(
                "minio = {{ endpoint = \"http://127.0.0.1:9\", access_key = \"user\", secret_key = \"{key}\", session_token = \"{key}\" }}"
            ),
            bucket,
        ),
    ];
    for client in Client::ALL {
        for (provider, resource) in &cases {
            let site = traced(workspace(client, ""));
            let main = site.read("main.tf");
            let head = main.split("provider \"s3www\"").next().unwrap();
            // Clients print the line of a configuration that an error is about, so the
            // credentials come from elsewhere, as they should.
            let given = provider.replace(key, "${var.credential}");
            site.write(
                "main.tf",
                &format!(
                    "{head}provider \"s3www\" {{\n  {given}\n}}\nvariable \"credential\" {{\n  sensitive = true\n}}\n{resource}"
                ),
            );
            site.write("secret.auto.tfvars", &format!("credential = \"{key}\"\n"));
            site.init();
            run(&site, &APPLY).failed();
        }
    }
}

/// Lets it fail in every way, with one client.
fn failures(client: Client) {
    let namespace = Namespace::new("failing");
    let sources = &SOURCES[..2];
    let site = traced(workspace(client, &configuration(&namespace, sources)));
    canary::write_chart(&site);
    write_secrets(&site, sources);
    site.init();
    run(&site, &APPLY).ok();
    let mut before = "none";
    for (mode, expected) in FAILURES {
        site.replace(&format!("mode = \"{before}\""), &format!("mode = \"{mode}\""));
        let ran = run(&site, &APPLY);
        assert_eq!(ran.status == 0, mode == "none", "{mode}: {}", ran.text);
        let times = if mode == "none" { 0 } else { 2 };
        println!("{mode}:\n{}\n", ran.text);
        assert!(ran.text.matches("Error: ").count() >= times, "{mode}: {}", ran.text);
        ran.says(expected);
        before = mode;
    }
    assert_nothing_to_do(&site);
    // A destroy that fails has nothing but the record to know the secrets by.
    let held = ["patch", "configmap", "writeonly", "--type=merge", "-p"];
    namespace.kubectl(
        &[&held[..], &["{\"metadata\":{\"finalizers\":[\"example.org/held\"]}}"]].concat(),
    );
    run(&site, &["destroy", "-no-color", "-auto-approve"]).failed().says("example.org/held");
    namespace.kubectl(&[&held[..], &["{\"metadata\":{\"finalizers\":null}}"]].concat());
    run(&site, &["destroy", "-no-color", "-auto-approve"]).ok();
}

#[test]
fn no_secret_is_quoted_by_what_fails_with_terraform() {
    failures(Client::Terraform);
}

#[test]
fn no_secret_is_quoted_by_what_fails_with_opentofu() {
    failures(Client::OpenTofu);
}
