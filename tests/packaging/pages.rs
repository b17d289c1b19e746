//! The pages as Terraform's registry would take them: judged by its own tool, which knows neither
//! our generator nor our tests, and counted.

use std::process::Command;

use serde_json::Value;

use super::CONFIGURATION;
use super::SOURCE;
use super::provider;
use super::root;
use super::run;
use crate::support::client::Client;
use crate::support::program;
use crate::support::workspace::Workspace;

#[test]
fn the_registry_takes_the_pages_and_they_have_every_option() {
    let workspace = Workspace::new(Client::Terraform, provider(), CONFIGURATION);
    workspace.init();
    let output = workspace.command(&["providers", "schema", "-json"]).output().unwrap();
    let mut schemas: Value = serde_json::from_slice(&output.stdout).unwrap();
    // The tool looks for a provider of this name, or for one of HashiCorp's.
    let own = schemas["provider_schemas"][SOURCE].take();
    let options = count_options(&own);
    schemas["provider_schemas"] = serde_json::json!({ "s3www": own });
    workspace.write("schema.json", &schemas.to_string());
    let mut tool = Command::new(program("TFPLUGINDOCS", "tfplugindocs"));
    tool.args(["validate", "--provider-name", "s3www"]);
    tool.arg("--provider-dir").arg(root());
    tool.arg("--providers-schema").arg(workspace.path("schema.json"));
    run(&mut tool);

    let mut documented = 0;
    let mut pages = vec![root().join("docs/index.md")];
    for folder in ["docs/resources", "docs/data-sources"] {
        pages.extend(
            std::fs::read_dir(root().join(folder)).unwrap().map(|page| page.unwrap().path()),
        );
    }
    for page in pages {
        let text = std::fs::read_to_string(page).unwrap();
        // Such as "- `name` (String, required) The name ...".
        let is_option = |line: &&str| {
            line.strip_prefix("- `").and_then(|rest| rest.split_once("` (")).is_some_and(
                |(name, _)| {
                    name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
                },
            )
        };
        documented += text.lines().filter(is_option).count();
    }
    println!("documented options: {documented}, options in the schema: {options}");
    assert_eq!(documented, options);
}

/// Returns how many attributes a schema has, those of nested objects included.
fn count_options(schema: &Value) -> usize {
    let Value::Object(fields) = schema else {
        return schema.as_array().map_or(0, |items| items.iter().map(count_options).sum());
    };
    let own = fields.get("attributes").and_then(Value::as_object).map_or(0, serde_json::Map::len);
    own + fields.values().map(count_options).sum::<usize>()
}
