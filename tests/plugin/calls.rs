//! Calls that no client makes of this provider, or only a later one: each gets an
//! answer, and messages may be large.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Child;

use hyper_util::rt::TokioIo;
use terraform_provider_s3www::plugin::dynamic::Dynamic;
use terraform_provider_s3www::plugin::msgpack;
use terraform_provider_s3www::plugin::proto::health;
use terraform_provider_s3www::plugin::proto::health::health_client::HealthClient;
use terraform_provider_s3www::plugin::proto::tfplugin6 as wire;
use terraform_provider_s3www::plugin::proto::tfplugin6::provider_client::ProviderClient;
use terraform_provider_s3www::plugin::types::Type;
use tokio::net::UnixStream;
use tonic::transport::Channel;
use tonic::transport::Endpoint;
use tower::service_fn;

use super::started;
use super::started_as;

/// Starts the probe without TLS, as with `TF_DISABLE_PLUGIN_TLS`, and connects.
async fn connected() -> (Child, Channel) {
    connected_to(started(&[])).await
}

async fn connected_to((child, line): (Child, String)) -> (Child, Channel) {
    let path = line.split('|').nth(3).unwrap().to_owned();
    let connector = service_fn(move |_| {
        let path = path.clone();
        async move { UnixStream::connect(path).await.map(TokioIo::new) }
    });
    let endpoint = Endpoint::from_static("http://localhost");
    (child, endpoint.connect_with_connector(connector).await.unwrap())
}

fn named(name: &str) -> wire::TypeName {
    wire::TypeName { type_name: name.to_owned() }
}

fn summaries(diagnostics: &[wire::Diagnostic]) -> Vec<&str> {
    diagnostics.iter().map(|found| found.summary.as_str()).collect()
}

#[tokio::test]
async fn what_is_not_served_is_answered_with_a_sentence() {
    let (mut child, channel) = connected().await;
    let mut provider = ProviderClient::new(channel.clone());

    let metadata = provider.get_metadata(wire::Empty {}).await.unwrap().into_inner();
    assert_eq!(metadata.resources, [named("helm_release"), named("s3www_thing")]);
    let functions = provider.get_functions(wire::Empty {}).await.unwrap().into_inner();
    assert!(functions.functions.is_empty());
    let called = provider.call_function(named("f")).await.unwrap().into_inner();
    assert_eq!(called.error.unwrap().text, "The provider has no function `f`.");

    let opened = provider.open_ephemeral_resource(named("e")).await.unwrap().into_inner();
    let sentence = ["The provider has no ephemeral resource `e`."];
    assert_eq!(summaries(&opened.diagnostics), sentence);
    let planned = provider.plan_action(named("a")).await.unwrap().into_inner();
    assert_eq!(summaries(&planned.diagnostics), ["The provider has no action `a`."]);
    let mut events = provider.invoke_action(named("a")).await.unwrap().into_inner();
    let ended = events.message().await.unwrap().unwrap().completed.unwrap();
    assert_eq!(summaries(&ended.diagnostics), ["The provider has no action `a`."]);
    let mut listed = provider.list_resource(named("l")).await.unwrap().into_inner();
    let event = listed.message().await.unwrap().unwrap();
    assert_eq!(summaries(&event.diagnostics), ["The provider has no list resource `l`."]);
    let locked = provider.lock_state(named("s")).await.unwrap().into_inner();
    assert_eq!(summaries(&locked.diagnostics), ["The provider has no state store `s`."]);
    let chunk =
        wire::StateChunk { meta: Some(wire::state_chunk::Meta { type_name: "s".to_owned() }) };
    let written = provider.write_state_bytes(tokio_stream::once(chunk)).await.unwrap();
    let sentence = ["The provider has no state store `s`."];
    assert_eq!(summaries(&written.into_inner().diagnostics), sentence);

    let unknown = wire::Read { type_name: "no_such".to_owned(), ..wire::Read::default() };
    let read = provider.read_resource(unknown).await.unwrap().into_inner();
    assert_eq!(summaries(&read.diagnostics), ["The provider has no resource `no_such`."]);
    let garbled = wire::Read {
        type_name: "s3www_thing".to_owned(),
        current_state: Some(wire::DynamicValue { msgpack: vec![0xc1, 0xff], json: vec![] }),
        ..wire::Read::default()
    };
    let read = provider.read_resource(garbled).await.unwrap().into_inner();
    let sentence = ["The client sent a value that the provider cannot read."];
    assert_eq!(summaries(&read.diagnostics), sentence);

    let moved = wire::Move {
        source_type_name: "helm_release".to_owned(),
        target_type_name: "s3www_thing".to_owned(),
        source_state: Some(wire::RawState { json: b"{}".to_vec(), ..wire::RawState::default() }),
        ..wire::Move::default()
    };
    let moved = provider.move_resource_state(moved).await.unwrap().into_inner();
    let sentence = ["A `helm_release` cannot be moved to a `s3www_thing`."];
    assert_eq!(summaries(&moved.diagnostics), sentence);

    let mut health = HealthClient::new(channel);
    let request = health::HealthCheckRequest { service: "plugin".to_owned() };
    let status = health.check(request).await.unwrap().into_inner().status();
    assert_eq!(status, health::health_check_response::ServingStatus::Serving);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
async fn a_state_of_many_megabytes_goes_through() {
    let (mut child, channel) = connected().await;
    let mut provider = ProviderClient::new(channel)
        .max_decoding_message_size(256 << 20)
        .max_encoding_message_size(256 << 20);
    // As much of the state as the probe's type needs to be read; the rest is null.
    let text = || Type::Map(Box::new(Type::String));
    let types = [
        ("name", Type::String),
        ("any", Type::Dynamic),
        ("secret", Type::Dynamic),
        ("count_of", Type::Number),
        ("flag", Type::Bool),
        ("names", Type::List(Box::new(Type::String))),
        ("unique", Type::Set(Box::new(Type::String))),
        ("labels", text()),
        ("nested", Type::Object(BTreeMap::new())),
        ("rules", Type::List(Box::new(Type::String))),
        ("wait", Type::String),
        ("echo", Type::String),
        ("table", Type::Map(Box::new(text()))),
    ];
    let own = Type::Object(types.into_iter().map(|(name, own)| (name.to_owned(), own)).collect());
    let large = "x".repeat(100 << 20);
    let state = Dynamic::Map(BTreeMap::from([("name".to_owned(), Dynamic::String(large.clone()))]));
    let request = wire::Read {
        type_name: "s3www_thing".to_owned(),
        current_state: Some(wire::DynamicValue {
            msgpack: msgpack::encode(&state, &own).unwrap(),
            json: vec![],
        }),
        ..wire::Read::default()
    };
    let read = provider.read_resource(request).await.unwrap().into_inner();
    assert_eq!(summaries(&read.diagnostics), [""; 0]);
    let state = msgpack::decode(&read.new_state.unwrap().msgpack, &own).unwrap();
    assert!(state.attribute("name") == &Dynamic::String(large), "it came back as it was");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// What the first version that worked (commit 67e4191) wrote into states: shorter by values, not by
/// attributes.
const EARLIER: [(&str, &str); 3] = [
    ("s3www_stack", include_str!("earlier/s3www_stack.json")),
    ("minio_bucket", include_str!("earlier/minio_bucket.json")),
    ("minio_object", include_str!("earlier/minio_object.json")),
];

/// Clients ask for it before they configure the provider: `show`, `state show`, `validate`.
#[tokio::test]
async fn an_earlier_state_is_upgraded_before_anything_is_configured() {
    let program = Path::new(env!("CARGO_BIN_EXE_terraform-provider-s3www"));
    let (mut child, channel) = connected_to(started_as(program, &[])).await;
    let mut provider = ProviderClient::new(channel);
    let mut upgrade = async |name: &str, json: String| {
        let raw_state = wire::RawState { json: json.into_bytes(), ..wire::RawState::default() };
        let request = wire::UpgradeState {
            type_name: name.to_owned(),
            version: 0,
            raw_state: Some(raw_state),
        };
        provider.upgrade_resource_state(request).await.unwrap().into_inner()
    };
    let schemas = {
        let (mut other, channel) = connected_to(started_as(program, &[])).await;
        let schema = ProviderClient::new(channel).get_provider_schema(wire::Empty {}).await;
        other.kill().unwrap();
        other.wait().unwrap();
        schema.unwrap().into_inner().resource_schemas
    };
    for (name, earlier) in EARLIER {
        let upgraded = upgrade(name, earlier.to_owned()).await;
        assert_eq!(summaries(&upgraded.diagnostics), [""; 0], "{name}");
        let upgraded = upgraded.state.unwrap();
        // What came later is null: the same as if the state had said so.
        let mut today: serde_json::Value = serde_json::from_str(earlier).unwrap();
        let attributes = &schemas[name].block.as_ref().unwrap().attributes;
        for attribute in attributes {
            if today.get(&attribute.name).is_none() {
                today[&attribute.name] = serde_json::Value::Null;
            }
        }
        let names = today.as_object().unwrap().len();
        assert_eq!(names, attributes.len(), "{name}: an attribute of then is none of now");
        assert_eq!(upgraded, upgrade(name, today.to_string()).await.state.unwrap(), "{name}");
        let id = today["id"].as_str().or(today["key"].as_str()).unwrap();
        let bytes = &upgraded.msgpack;
        assert!(bytes.windows(id.len()).any(|part| part == id.as_bytes()), "{name}: no {id}");
    }
    let refused = upgrade("s3www_stack", "{\"name\": {}}".to_owned()).await;
    assert_ne!(summaries(&refused.diagnostics), [""; 0], "what cannot be read is an error");
    child.kill().unwrap();
    child.wait().unwrap();
}
