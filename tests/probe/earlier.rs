//! The thing as an earlier version of the probe had it, with schema version 0: one
//! `label` where today there are `labels`.

use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;
use terraform_provider_s3www::plugin::resource::ResourceExtension;
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

pub struct EarlierThing;

#[derive(Clone, Serialize, Deserialize)]
pub struct Attributes {
    name: Value<String>,
    label: Value<String>,
}

#[derive(Serialize, Deserialize)]
pub struct Private {}

#[async_trait]
impl Resource for EarlierThing {
    type State<'a> = Attributes;
    type PrivateState<'a> = Private;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        use AttributeType::String;
        let attributes = [("name", required(String, "")), ("label", optional(String, ""))];
        Some(schema(0, "Keeps what it is told.", attributes))
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
        _: Attributes,
        _: ValueEmpty,
    ) -> Option<(Attributes, Private)> {
        Some((proposed, Private {}))
    }

    async fn plan_update<'a>(
        &self,
        _: &mut Diagnostics,
        _: Attributes,
        proposed: Attributes,
        _: Attributes,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Attributes, Private, Vec<AttributePath>)> {
        Some((proposed, private, Vec::new()))
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
        _: &mut Diagnostics,
        planned: Attributes,
        _: Attributes,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Attributes, Private)> {
        Some((planned, private))
    }

    async fn update<'a>(
        &self,
        _: &mut Diagnostics,
        _: Attributes,
        planned: Attributes,
        _: Attributes,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Attributes, Private)> {
        Some((planned, private))
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

impl ResourceExtension for EarlierThing {}
