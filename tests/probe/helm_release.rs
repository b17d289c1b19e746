//! A stand-in for `helm_release` of the Helm provider: a client starts a provider of
//! that address for its schema only, when such a resource is moved to another type.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;
use terraform_provider_s3www::plugin::resource::ResourceExtension;
use terraform_provider_s3www::provider::attributes::computed;
use terraform_provider_s3www::provider::attributes::objects;
use terraform_provider_s3www::provider::attributes::optional;
use terraform_provider_s3www::provider::attributes::required;
use terraform_provider_s3www::provider::attributes::schema;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::Resource;
use tf_provider::schema::AttributeType;
use tf_provider::schema::Schema;
use tf_provider::value::Value;
use tf_provider::value::ValueEmpty;

pub struct HelmRelease;

type Setting = BTreeMap<String, Value<String>>;

#[derive(Clone, Serialize, Deserialize)]
pub struct Attributes {
    id: Value<String>,
    name: Value<String>,
    namespace: Value<String>,
    chart: Value<String>,
    repository: Value<String>,
    values: Value<Vec<Value<String>>>,
    set: Value<Vec<Value<Setting>>>,
    set_sensitive: Value<Vec<Value<Setting>>>,
    timeout: Value<i64>,
    wait: Value<bool>,
    wait_for_jobs: Value<bool>,
    atomic: Value<bool>,
    max_history: Value<i64>,
    create_namespace: Value<bool>,
    status: Value<String>,
}

#[derive(Serialize, Deserialize)]
pub struct Private {}

#[async_trait]
impl Resource for HelmRelease {
    type State<'a> = Attributes;
    type PrivateState<'a> = Private;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        use AttributeType::Bool;
        use AttributeType::List;
        use AttributeType::Number;
        use AttributeType::String;
        let setting = || {
            objects([
                ("name", required(String, "")),
                ("value", required(String, "")),
                ("type", optional(String, "")),
            ])
        };
        Some(schema(
            1,
            "Stands in for a release of the Helm provider.",
            [
                ("id", computed(String, "")),
                ("name", required(String, "")),
                ("namespace", optional(String, "")),
                ("chart", required(String, "")),
                ("repository", optional(String, "")),
                ("values", optional(List(Box::new(String)), "")),
                ("set", optional(setting(), "")),
                ("set_sensitive", optional(setting(), "")),
                ("timeout", optional(Number, "")),
                ("wait", optional(Bool, "")),
                ("wait_for_jobs", optional(Bool, "")),
                ("atomic", optional(Bool, "")),
                ("max_history", optional(Number, "")),
                ("create_namespace", optional(Bool, "")),
                ("status", computed(String, "")),
            ],
        ))
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
        found: &mut Diagnostics,
        _: Attributes,
        _: Attributes,
        _: ValueEmpty,
    ) -> Option<(Attributes, Private)> {
        not_served(found)
    }

    async fn plan_update<'a>(
        &self,
        found: &mut Diagnostics,
        _: Attributes,
        _: Attributes,
        _: Attributes,
        _: Private,
        _: ValueEmpty,
    ) -> Option<(Attributes, Private, Vec<AttributePath>)> {
        not_served(found)
    }

    async fn plan_destroy<'a>(
        &self,
        found: &mut Diagnostics,
        _: Attributes,
        _: Private,
        _: ValueEmpty,
    ) -> Option<Private> {
        not_served(found)
    }

    async fn create<'a>(
        &self,
        found: &mut Diagnostics,
        _: Attributes,
        _: Attributes,
        _: Private,
        _: ValueEmpty,
    ) -> Option<(Attributes, Private)> {
        not_served(found)
    }

    async fn update<'a>(
        &self,
        found: &mut Diagnostics,
        _: Attributes,
        _: Attributes,
        _: Attributes,
        _: Private,
        _: ValueEmpty,
    ) -> Option<(Attributes, Private)> {
        not_served(found)
    }

    async fn destroy<'a>(
        &self,
        found: &mut Diagnostics,
        _: Attributes,
        _: Private,
        _: ValueEmpty,
    ) -> Option<()> {
        not_served(found)
    }
}

impl ResourceExtension for HelmRelease {}

/// Refuses: a test that gets here does not test a move.
fn not_served<T>(found: &mut Diagnostics) -> Option<T> {
    found.root_error_short("This stand-in has a schema only.");
    None
}
