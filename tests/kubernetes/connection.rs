//! How requests reach the API server.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use serde_json::json;
use terraform_provider_s3www::kubernetes::client::ClientConfig;
use terraform_provider_s3www::kubernetes::client::Cluster;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use super::place::place;

/// Passes connections on to an address and counts them. It ends with the test's runtime.
async fn relay(target: String) -> (String, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            let target = target.clone();
            tokio::spawn(async move {
                let mut far = TcpStream::connect(target).await?;
                tokio::io::copy_bidirectional(&mut near, &mut far).await
            });
        }
    });
    (address, count)
}

/// A TLS handshake for each object would cost more than looking at it.
#[tokio::test]
async fn many_objects_are_looked_at_over_one_connection() {
    let place = place!("one");
    let objects: Vec<_> = (0..20)
        .map(|index| {
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("c{index}")},
                "data": {"a": "1"}})
        })
        .collect();
    for object in &objects {
        place.apply(object).await;
    }
    let server = place.cluster.address().trim_start_matches("https://").to_owned();
    let name = server.split(':').next().unwrap().to_owned();
    let (address, connections) = relay(server).await;
    let mut kubeconfig = tempfile::NamedTempFile::new().unwrap();
    let original = std::fs::read_to_string(std::env::var("KUBECONFIG").unwrap()).unwrap();
    let relayed = format!("server: https://{address}\n    tls-server-name: {name}");
    let changed = original.replace(&format!("server: {}", place.cluster.address()), &relayed);
    assert_ne!(original, changed);
    kubeconfig.write_all(changed.as_bytes()).unwrap();
    let cluster = Cluster::connect(&ClientConfig {
        config_path: Some(kubeconfig.path().to_str().unwrap().to_owned()),
        ..ClientConfig::default()
    })
    .unwrap();
    cluster.get_path("/version").await.unwrap();
    let refresh = place.try_refresh(&cluster, &objects, None).await.unwrap();
    assert_eq!(refresh.objects.len(), 20);
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}
