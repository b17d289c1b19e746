//! The computed attributes that other resources use.

use serde_json::Value as Json;
use tf_provider::value::Value;

use super::state::Stack;
use crate::provider::connection::StackConnection;
use crate::provider::value::or_null;

/// Fills in what the chart says about itself among its objects. A chart that says
/// nothing leaves them null.
pub(super) fn fill<'a>(stack: &mut Stack, objects: impl IntoIterator<Item = &'a Json>) {
    let connection = StackConnection::find(objects).unwrap_or_default();
    let field = |name: &str| or_null(connection.get(name).map(str::to_owned));
    stack.bucket = field("bucket");
    stack.service_url = field("serviceUrl");
    stack.url = field("url");
    stack.minio_endpoint = field("minioEndpoint");
    stack.credentials_secret = field("credentialsSecret");
}

/// Makes them all unknown.
pub(super) fn unknown(stack: &mut Stack) {
    for output in [
        &mut stack.bucket,
        &mut stack.service_url,
        &mut stack.url,
        &mut stack.minio_endpoint,
        &mut stack.credentials_secret,
    ] {
        *output = Value::Unknown;
    }
}

/// Says whether two stacks have the same ones.
pub(super) fn are_same(one: &Stack, other: &Stack) -> bool {
    one.bucket == other.bucket
        && one.service_url == other.service_url
        && one.url == other.url
        && one.minio_endpoint == other.minio_endpoint
        && one.credentials_secret == other.credentials_secret
}
