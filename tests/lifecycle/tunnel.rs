//! The tunnel to a pod, through the API server.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use terraform_provider_s3www::kubernetes::port_forward::PortForward;
use terraform_provider_s3www::kubernetes::port_forward::PortForwardError;
use terraform_provider_s3www::kubernetes::port_forward::ServicePort;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;

use super::fixture::Fixture;
use super::fixture::SHELL_IMAGE;
use super::fixture::deployment;
use super::fixture::manifest;
use super::fixture::pod_spec;

/// Answers every connection with what it sends.
const ECHO: &str = "trap 'exit 0' TERM; nc -ll -p 7000 -e cat & wait";

fn echo_objects() -> [Value; 2] {
    let mut spec = pod_spec(SHELL_IMAGE, ECHO);
    spec["containers"][0]["ports"] = json!([{ "name": "echo", "containerPort": 7000 }]);
    spec["containers"][0]["readinessProbe"] =
        json!({ "tcpSocket": { "port": "echo" }, "periodSeconds": 1 });
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "echo" },
        "spec": { "selector": { "app": "echo" },
            "ports": [{ "name": "main", "port": 80, "targetPort": "echo" },
                { "name": "closed", "port": 81, "targetPort": 7001 }] } });
    [service, deployment("echo", 1, &spec)]
}

fn forward(fixture: &Fixture, port: ServicePort) -> PortForward {
    PortForward::new(&fixture.cluster, fixture.namespace.clone(), "echo", port)
}

/// Returns bytes that do not repeat at any frame's length.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tunnel_carries_everything_both_ways() {
    let fixture = Fixture::new("tunnel").await;
    fixture.install(&manifest(&echo_objects())).await.unwrap();
    let forward = forward(&fixture, ServicePort::Number(80));
    let sent = noise(64 * 1024 * 1024 + 12345);
    let tunnel = forward.connect().await.unwrap();
    let (mut reader, mut writer) = tokio::io::split(tunnel);
    let began = std::time::Instant::now();
    let mut received = vec![0; sent.len()];
    let exchange = async {
        tokio::try_join!(
            async {
                writer.write_all(&sent).await?;
                writer.flush().await
            },
            reader.read_exact(&mut received)
        )
    };
    tokio::time::timeout(Duration::from_mins(2), exchange).await.unwrap().unwrap();
    println!("64 MiB there and back in {:?}", began.elapsed());
    assert!(received == sent, "what came back is not what was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tunnel_finds_the_next_pod() {
    let fixture = Fixture::new("tunnel-next").await;
    fixture.install(&manifest(&echo_objects())).await.unwrap();
    let forward = forward(&fixture, ServicePort::Name("main".into()));
    assert_eq!(echo(&forward).await.unwrap(), "hello");
    let pods = fixture.list("v1", "Pod").await;
    let old = pods[0].name().to_owned();
    fixture.delete("v1", "Pod", &old).await;
    fixture
        .eventually("another pod is ready", || async {
            let pods = fixture.list("v1", "Pod").await;
            !pods.iter().any(|pod| pod.name() == old) && echo(&forward).await.is_ok()
        })
        .await;
    assert_eq!(echo(&forward).await.unwrap(), "hello");
}

async fn echo(forward: &PortForward) -> Result<String, Box<dyn std::error::Error>> {
    let mut tunnel = forward.connect().await?;
    tunnel.write_all(b"hello").await?;
    tunnel.flush().await?;
    let mut answer = [0; 5];
    tunnel.read_exact(&mut answer).await?;
    Ok(String::from_utf8(answer.to_vec())?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_reached_says_why() {
    let fixture = Fixture::new("tunnel-errors").await;
    let error = forward(&fixture, ServicePort::Number(80)).connect().await.unwrap_err();
    assert!(matches!(error, PortForwardError::NoService { .. }), "{error}");
    fixture.install(&manifest(&echo_objects())).await.unwrap();
    let error = forward(&fixture, ServicePort::Number(82)).connect().await.unwrap_err();
    assert!(
        error.to_string().contains("has no port 82; it has 80 (`main`), 81 (`closed`)"),
        "{error}"
    );

    let mut tunnel = forward(&fixture, ServicePort::Number(81)).connect().await.unwrap();
    let error = tunnel.read_u8().await.unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");

    let location = fixture.location("apps/v1", "Deployment", "echo");
    let patch = json!({ "spec": { "replicas": 0 } });
    let real = terraform_provider_s3www::kubernetes::request::Mode::Real;
    fixture.cluster.merge_patch(&location, &patch, real).await.unwrap();
    fixture
        .eventually("no pod is left", || async { fixture.list("v1", "Pod").await.is_empty() })
        .await;
    let error = forward(&fixture, ServicePort::Number(80)).connect().await.unwrap_err();
    assert!(matches!(error, PortForwardError::NoReadyPod { .. }), "{error}");
    assert!(error.to_string().contains("there is none"), "{error}");
}
