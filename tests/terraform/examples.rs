//! The configurations in `examples`: each is valid for both clients. What
//! `examples/complete` does is what `make demo` proves.

use std::path::Path;

use crate::support::client::Client;
use crate::support::workspace::Workspace;

#[test]
fn every_example_is_valid() {
    let provider = Path::new(env!("CARGO_BIN_EXE_terraform-provider-s3www"));
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut count = 0;
    for example in std::fs::read_dir(examples).unwrap() {
        let example = example.unwrap().path();
        for client in Client::ALL {
            let workspace = Workspace::new(client, provider, "");
            for file in std::fs::read_dir(&example).unwrap() {
                let file = file.unwrap().path();
                if file.extension().is_some_and(|extension| extension == "tf") {
                    let name = file.file_name().unwrap().to_str().unwrap();
                    workspace.write(name, &std::fs::read_to_string(&file).unwrap());
                }
            }
            workspace.init();
            workspace.run(&["validate", "-no-color"]).ok();
            count += 1;
        }
    }
    assert!(count >= 4, "examples has fewer than two configurations");
}
