//! How a request's body takes part in its signature.

use aws_runtime::auth::PayloadSigningOverride;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Makes the SDK sign a body by a hash that is known already, or not at all.
///
/// By itself the SDK signs only what it holds in memory, which four parts at once would fill, and
/// hashes it once more; a file it sends unsigned, over plain HTTP too.
#[derive(Debug)]
pub(crate) struct BodySignature {
    /// The SHA-256 of the body in hexadecimal; without one the body is not signed.
    pub(crate) sha256: Option<String>,
}

impl Intercept for BodySignature {
    fn name(&self) -> &'static str {
        "BodySignature"
    }

    fn read_before_signing(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = self.sha256.clone().map_or_else(
            PayloadSigningOverride::unsigned_payload,
            PayloadSigningOverride::Precomputed,
        );
        config.interceptor_state().store_put(body);
        Ok(())
    }
}
