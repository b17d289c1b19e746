//! Logs in the form that clients read: one JSON object a line on standard error,
//! as hclog writes it.
//!
//! Source: <https://github.com/hashicorp/go-hclog/blob/main/intlogger.go> (names
//! of the fields).

use std::fmt::Debug;
use std::io::Write;

use serde_json::Map;
use serde_json::Value;
use tracing::Event;
use tracing::Level;
use tracing::Subscriber;
use tracing::field::Field;
use tracing::field::Visit;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Sends this process's logs to the client, at the level that the user chose.
pub fn start() {
    let level = level(|name| std::env::var(name).ok());
    // Only what this provider logs: the libraries' own TRACE output holds
    // request bodies, and with them secrets.
    let ours =
        tracing_subscriber::filter::Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    // An error means that a subscriber is there already, as in a test.
    drop(tracing_subscriber::registry().with(Hclog.with_filter(ours)).try_init());
}

/// Returns the level that the first of the client's variables sets; off if none does.
///
/// Source: <https://developer.hashicorp.com/terraform/internals/debugging>
fn level(variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    ["TF_LOG_PROVIDER_S3WWW", "TF_LOG_PROVIDER", "TF_LOG"]
        .iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()))
        .map_or(LevelFilter::OFF, |value| match value.to_ascii_uppercase().as_str() {
            "OFF" => LevelFilter::OFF,
            "ERROR" => LevelFilter::ERROR,
            "WARN" => LevelFilter::WARN,
            "INFO" => LevelFilter::INFO,
            "DEBUG" => LevelFilter::DEBUG,
            // "JSON" means "all of it, as JSON"; anything else is read as Terraform reads it.
            _ => LevelFilter::TRACE,
        })
}

/// Writes events as hclog does.
struct Hclog;

impl<S: Subscriber> Layer<S> for Hclog {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let level = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warn",
            Level::INFO => "info",
            Level::DEBUG => "debug",
            Level::TRACE => "trace",
        };
        let mut line = Line(Map::new());
        line.set("@level", level);
        line.set("@module", "provider.s3www");
        line.set("@timestamp", timestamp());
        event.record(&mut line);
        let mut text = Value::Object(line.0).to_string();
        text.push('\n');
        // A log that nobody can read is no reason to fail.
        drop(std::io::stderr().lock().write_all(text.as_bytes()));
    }
}

/// hclog's layout: microseconds, and a zone as an offset.
fn timestamp() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

struct Line(Map<String, Value>);

impl Line {
    fn set(&mut self, name: &str, value: impl Into<Value>) {
        let name = if name == "message" { "@message" } else { name };
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Visit for Line {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value);
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value);
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name(), value);
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value);
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value);
    }
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field.name(), format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> LevelFilter {
        level(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_more_special_variable_decides() {
        assert_eq!(with(&[]), LevelFilter::OFF);
        assert_eq!(with(&[("TF_LOG", "info")]), LevelFilter::INFO);
        assert_eq!(with(&[("TF_LOG", "info"), ("TF_LOG_PROVIDER", "ERROR")]), LevelFilter::ERROR);
        let all =
            [("TF_LOG", "info"), ("TF_LOG_PROVIDER", "ERROR"), ("TF_LOG_PROVIDER_S3WWW", "trace")];
        assert_eq!(with(&all), LevelFilter::TRACE);
        assert_eq!(with(&[("TF_LOG", "JSON")]), LevelFilter::TRACE);
    }
}
