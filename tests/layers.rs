//! The arrows between the layers: who may use whom (see `src/lib.rs`).

use std::path::Path;

/// Each layer, and the layers that it may name in a path `crate::LAYER::`.
const ARROWS: [(&str, &[&str]); 5] = [
    ("plugin", &["plugin"]),
    ("helm", &["helm"]),
    ("s3", &["s3"]),
    ("kubernetes", &["kubernetes", "helm"]),
    ("provider", &["provider", "plugin", "helm", "s3", "kubernetes"]),
];

/// Adds the Rust files in a folder and in those below it.
pub fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn arrows_point_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (layer, allowed) in ARROWS {
        let mut files = vec![root.join(format!("{layer}.rs"))];
        sources(&root.join(layer), &mut files);
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            for part in text.split("crate::").skip(1) {
                let name: String = part.chars().take_while(|c| c.is_alphanumeric()).collect();
                assert!(
                    allowed.contains(&name.as_str()),
                    "{} uses `crate::{name}`, which `{layer}` may not",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn the_pure_layer_does_no_input_or_output() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root.join("helm"), &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for foreign in [
            "kube::",
            "tonic::",
            "reqwest::",
            "tokio::",
            "std::net::Tcp",
            "std::net::Udp",
            "ToSocketAddrs",
            "aws_sdk_s3::",
        ] {
            assert!(!text.contains(foreign), "{} uses `{foreign}`", file.display());
        }
    }
}
