//! A provider that only tests use: its resource has an attribute of every kind and
//! keeps what it is told, so that a test sees what crosses the wire. It can also be an
//! earlier version of itself, and stand in for the Helm provider.

mod earlier;
mod helm_release;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use async_trait::async_trait;
use earlier::EarlierThing;
use helm_release::HelmRelease;
use serde::Deserialize;
use serde::Serialize;
use terraform_provider_s3www::plugin::diagnostics::Report;
use terraform_provider_s3www::plugin::dynamic::Dynamic;
use terraform_provider_s3www::plugin::process;
use terraform_provider_s3www::plugin::registry::Registry;
use terraform_provider_s3www::plugin::resource::IdentityAttribute;
use terraform_provider_s3www::plugin::resource::ResourceExtension;
use terraform_provider_s3www::provider::attributes::computed;
use terraform_provider_s3www::provider::attributes::object;
use terraform_provider_s3www::provider::attributes::objects;
use terraform_provider_s3www::provider::attributes::optional;
use terraform_provider_s3www::provider::attributes::required;
use terraform_provider_s3www::provider::attributes::schema;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::Provider;
use tf_provider::Resource;
use tf_provider::schema::AttributeType;
use tf_provider::schema::Schema;
use tf_provider::value::Value;
use tf_provider::value::ValueEmpty;
use tokio_util::sync::CancellationToken;

struct Probe;

#[derive(Serialize, Deserialize)]
struct Empty {}

#[async_trait]
impl Provider for Probe {
    type Config<'a> = Empty;
    type MetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(schema(0, "Probes the wire.", []))
    }
}

struct Thing {
    stop: CancellationToken,
}

type Fields = Value<BTreeMap<String, Value<String>>>;

#[derive(Clone, Serialize, Deserialize)]
struct Attributes {
    name: Value<String>,
    any: Dynamic,
    secret: Dynamic,
    count_of: Value<i64>,
    flag: Value<bool>,
    names: Value<Vec<Value<String>>>,
    unique: Value<Vec<Value<String>>>,
    labels: Value<BTreeMap<String, Value<String>>>,
    nested: Value<Nested>,
    rules: Value<Vec<Value<Nested>>>,
    wait: Value<String>,
    echo: Value<String>,
    table: Value<BTreeMap<String, Fields>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Nested {
    url: Value<String>,
    size: Value<i64>,
}

#[derive(Serialize, Deserialize)]
struct Private {
    #[serde(default)]
    generation: i64,
}

impl Thing {
    /// Says what the provider understood of the dynamic value, as JSON.
    fn echo(config: &Attributes) -> Value<String> {
        if config.any.is_wholly_known() {
            Value::Value(config.any.to_json().to_string())
        } else {
            Value::Unknown
        }
    }

    fn table(config: &Attributes) -> Attributes {
        let leaf = |text: &Value<String>| BTreeMap::from([("leaf".to_owned(), text.clone())]);
        Attributes {
            echo: Self::echo(config),
            table: Value::Value(BTreeMap::from([(
                "object".to_owned(),
                Value::Value(leaf(&config.name)),
            )])),
            ..config.clone()
        }
    }
}

#[async_trait]
impl Resource for Thing {
    type State<'a> = Attributes;
    type PrivateState<'a> = Private;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        use AttributeType::Any;
        use AttributeType::Bool;
        use AttributeType::List;
        use AttributeType::Map;
        use AttributeType::Number;
        use AttributeType::Set;
        use AttributeType::String;
        let text = || Box::new(String);
        let nested = || [("url", required(String, "")), ("size", optional(Number, ""))];
        Some(schema(
            1,
            "Keeps what it is told.",
            [
                ("name", required(String, "")),
                ("any", optional(Any, "")),
                ("secret", optional(Any, "")),
                ("count_of", optional(Number, "")),
                ("flag", optional(Bool, "")),
                ("names", optional(List(text()), "")),
                ("unique", optional(Set(text()), "")),
                ("labels", optional(Map(text()), "")),
                ("nested", optional(object(nested()), "")),
                ("rules", optional(objects(nested()), "")),
                ("wait", optional(String, "")),
                ("echo", computed(String, "")),
                ("table", computed(Map(Box::new(Map(text()))), "")),
            ],
        ))
    }

    async fn validate<'a>(&self, found: &mut Diagnostics, config: Attributes) -> Option<()> {
        if let Value::Value(nested) = &config.nested
            && nested.size == Value::Value(-1)
        {
            let at = AttributePath::new("nested").attribute("size");
            found.report_error(at, "Size is negative.", "Give a size of 0 or more.");
        }
        if config.any.attribute("refused") != &Dynamic::Null {
            let at = AttributePath::new("any").key("refused");
            found.report_error(at, "This key is refused.", "Leave it out.");
        }
        Some(())
    }

    async fn read<'a>(
        &self,
        _: &mut Diagnostics,
        state: Attributes,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Attributes, Private)> {
        Some((state, private))
    }

    async fn plan_create<'a>(
        &self,
        _: &mut Diagnostics,
        proposed: Attributes,
        config: Attributes,
        _: ValueEmpty,
    ) -> Option<(Attributes, Private)> {
        let mut planned = Self::table(&config);
        planned.secret = proposed.secret;
        Some((planned, Private { generation: 0 }))
    }

    async fn plan_update<'a>(
        &self,
        _: &mut Diagnostics,
        prior: Attributes,
        proposed: Attributes,
        config: Attributes,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Attributes, Private, Vec<AttributePath>)> {
        let mut planned = Self::table(&config);
        // Handed back on purpose: the server must null what is write-only.
        planned.secret = proposed.secret;
        let replace =
            if prior.name == planned.name { vec![] } else { vec![AttributePath::new("name")] };
        Some((planned, private, replace))
    }

    async fn plan_destroy<'a>(
        &self,
        _: &mut Diagnostics,
        _: Attributes,
        private: Private,
        _: ValueEmpty,
    ) -> Option<Private> {
        Some(private)
    }

    async fn create<'a>(
        &self,
        found: &mut Diagnostics,
        planned: Attributes,
        config: Attributes,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Attributes, Private)> {
        if let Value::Value(seconds) = &config.wait {
            let limit = Duration::from_secs(seconds.parse().unwrap_or(60));
            tokio::select! {
                () = self.stop.cancelled() => {
                    found.report_error(AttributePath::root(), "Stopped while waiting.", "As asked.");
                }
                () = tokio::time::sleep(limit) => {}
            }
        }
        let mut state = Self::table(&planned);
        state.secret = config.secret;
        Some((state, Private { generation: private.generation + 1 }))
    }

    async fn update<'a>(
        &self,
        _: &mut Diagnostics,
        _: Attributes,
        planned: Attributes,
        config: Attributes,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Attributes, Private)> {
        let mut state = Self::table(&planned);
        state.secret = config.secret;
        Some((state, Private { generation: private.generation + 1 }))
    }

    async fn destroy<'a>(
        &self,
        _: &mut Diagnostics,
        _: Attributes,
        _: Private,
        _: ValueEmpty,
    ) -> Option<()> {
        Some(())
    }
}

impl ResourceExtension for Thing {
    fn write_only(&self) -> &'static [&'static str] {
        &["secret"]
    }

    fn upgrade_state(&self, version: i64, state: String) -> Result<String, String> {
        if version > 0 {
            return Ok(state);
        }
        let mut state: serde_json::Value =
            serde_json::from_str(&state).map_err(|error| error.to_string())?;
        if let Some(state) = state.as_object_mut()
            && let Some(label) = state.remove("label").filter(|label| !label.is_null())
        {
            state.insert("labels".to_owned(), serde_json::json!({ "label": label }));
        }
        Ok(state.to_string())
    }

    fn identity_attributes(&self) -> &'static [IdentityAttribute] {
        &[IdentityAttribute { name: "name", required: true, description: "The name." }]
    }
}

fn main() -> ExitCode {
    process::run("terraform.local/s3www/s3www", |stop| {
        let registry = Registry::new(Probe).resource("helm_release", HelmRelease);
        if std::env::var_os("PROBE_EARLIER").is_some() {
            registry.resource("s3www_thing", EarlierThing)
        } else {
            registry.resource("s3www_thing", Thing { stop })
        }
    })
}
