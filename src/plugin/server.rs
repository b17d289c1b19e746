//! The provider protocol's server.
//!
//! `Server` holds the provider and what all calls need; the files beside this
//! one answer the calls: [`provider`] is the service itself, one line a call,
//! and `resources`, `data_sources` and `schemas` do the work.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tokio_util::sync::CancellationToken;

use crate::plugin::diagnostics;
use crate::plugin::diagnostics::Report;
use crate::plugin::dynamic::Dynamic;
use crate::plugin::msgpack;
use crate::plugin::proto::tfplugin6 as wire;
use crate::plugin::registry::Registry;
use crate::plugin::state_json;
use crate::plugin::types::Type;

mod data_sources;
mod provider;
mod resources;
mod schemas;
pub(crate) mod services;

/// Is the server of one provider process.
#[derive(Clone)]
pub(crate) struct Server {
    registry: Arc<Registry>,
    stop: CancellationToken,
    calls: Arc<AtomicUsize>,
}

impl Server {
    /// Makes a server. `stop` is cancelled by the client's StopProvider, and is
    /// the token that the provider's operations watch.
    pub(crate) fn new(registry: Registry, stop: CancellationToken) -> Self {
        Self { registry: Arc::new(registry), stop, calls: Arc::default() }
    }

    /// Returns the number of calls that are being answered.
    pub(crate) fn calls_in_flight(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Does what the provider wants done when the client says goodbye.
    pub(crate) async fn farewell(&self) {
        if let Some(farewell) = &self.registry.farewell {
            farewell().await;
        }
    }

    /// Does what changes nothing, unless or until the client asks to stop: nobody waits for
    /// a plan that nobody wants any more, least of all for a server that does not answer.
    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, Stopped> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Stopped),
            done = work => Ok(done),
        }
    }

    /// Counts a call for as long as the guard lives.
    fn call(&self) -> CallGuard {
        self.calls.fetch_add(1, Ordering::SeqCst);
        CallGuard(Arc::clone(&self.calls))
    }
}

/// Says that the client asked to stop before a call was answered.
struct Stopped;

impl Stopped {
    fn report(found: &mut Diagnostics) {
        found.report_error(
            AttributePath::root(),
            "Interrupted.",
            "The client asked the provider to stop before this was done. Nothing was changed.",
        );
    }
}

struct CallGuard(Arc<AtomicUsize>);

impl Drop for CallGuard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Reads a value that a client sent; says so in the diagnostics if it is none.
fn value_in(
    found: &mut Diagnostics,
    sent: Option<wire::DynamicValue>,
    expected: &Type,
) -> Option<Dynamic> {
    let sent = sent.unwrap_or_default();
    let decoded = if !sent.msgpack.is_empty() {
        msgpack::decode(&sent.msgpack, expected).map_err(|error| error.to_string())
    } else if !sent.json.is_empty() {
        String::from_utf8(sent.json)
            .map_err(|error| error.to_string())
            .and_then(|json| state_json::decode(&json, expected).map_err(|error| error.to_string()))
    } else {
        Ok(Dynamic::Null)
    };
    decoded
        .map_err(|error| {
            found.report_error(
                AttributePath::root(),
                "The client sent a value that the provider cannot read.",
                format!("{error}\nHint: run `terraform init -upgrade`; if it stays, report it."),
            );
        })
        .ok()
}

/// Writes a value for a client; says so in the diagnostics if it does not fit.
fn value_out(
    found: &mut Diagnostics,
    value: &Dynamic,
    expected: &Type,
) -> Option<wire::DynamicValue> {
    match msgpack::encode(value, expected) {
        Ok(msgpack) => Some(wire::DynamicValue { msgpack, json: Vec::new() }),
        Err(error) => {
            found.report_error(
                AttributePath::root(),
                "The provider made a value that its schema does not allow.",
                format!("{error} This is a bug in the provider; please report it."),
            );
            None
        }
    }
}

/// Says that the client asked for a type that the provider does not serve.
fn no_such_type(kind: &str, name: &str) -> Vec<wire::Diagnostic> {
    let mut found = Diagnostics::default();
    found.report_error(
        AttributePath::root(),
        format!("The provider has no {kind} `{name}`."),
        "Hint: check the name against the provider's documentation, and the `provider` \
         argument of the block.",
    );
    diagnostics::to_wire(found)
}
