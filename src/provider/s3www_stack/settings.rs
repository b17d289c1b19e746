//! What the configuration said, kept in the release record for an import.
//!
//! A record holds the merged values and nothing about `timeout`, `file` or which
//! value came from where, so the plan after an import could not be empty. Helm
//! passes over what it does not know in a record; so does this with what it cannot
//! read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use serde_json::json;
use tf_provider::value::Value;

use super::state;
use super::state::Stack;
use crate::helm::release::Release;
use crate::kubernetes::lifecycle::Draft;
use crate::plugin::bridge::from_dynamic;
use crate::plugin::bridge::to_dynamic;
use crate::plugin::dynamic::Dynamic;
use crate::plugin::msgpack;
use crate::plugin::schema::value_type;

/// The name of the entry in the record.
const ENTRY: &str = "terraform";

/// Keeps the configuration, write-only values apart, with what is recorded.
pub(super) fn record(draft: &mut Draft, planned: &Stack) {
    let settings = without_results(planned.clone());
    // A configuration that cannot be kept is no reason not to deploy: an import
    // then begins with what the record itself says.
    let kept = to_dynamic(&settings)
        .ok()
        .and_then(|settings| msgpack::encode(&settings, &value_type(&state::schema())).ok());
    if let Some(kept) = kept {
        let entry = json!({ "attributes": STANDARD.encode(kept) });
        draft.chart.other.insert(ENTRY.to_owned(), entry);
    }
}

/// Returns the configuration that was kept with a revision, if it was ours.
pub(super) fn restore(release: &Release) -> Option<Stack> {
    let kept = release.chart.other.get(ENTRY)?.get("attributes").and_then(Json::as_str)?;
    let kept = STANDARD.decode(kept).ok()?;
    let settings = msgpack::decode(&kept, &value_type(&state::schema())).ok()?;
    from_dynamic(settings).ok()
}

/// Returns the attributes that a user sets, everything else null.
pub(super) fn without_results(stack: Stack) -> Stack {
    Stack {
        id: Value::Null,
        values_wo: Dynamic::Null,
        revision: Value::Null,
        status: Value::Null,
        chart_version: Value::Null,
        app_version: Value::Null,
        objects: Value::Null,
        bucket: Value::Null,
        service_url: Value::Null,
        url: Value::Null,
        minio_endpoint: Value::Null,
        credentials_secret: Value::Null,
        ..stack
    }
}
