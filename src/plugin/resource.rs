//! Resources as the server drives them.
//!
//! A resource implements `tf-provider`'s [`Resource`] trait with state types of
//! its own, plus [`ResourceExtension`] for what that trait cannot say. The
//! server needs one type for all of them: [`ErasedResource`] takes and returns
//! wire values, and every resource is one through the blanket implementation.

use async_trait::async_trait;
use tf_provider::AttributePath;
use tf_provider::Diagnostics;
use tf_provider::Resource;
use tf_provider::schema::Schema;

use crate::plugin::bridge::read_typed;
use crate::plugin::bridge::report_disagreement;
use crate::plugin::bridge::write_typed;
use crate::plugin::diagnostics::Report;
use crate::plugin::dynamic::Dynamic;
use crate::plugin::schema::WriteOnly;
use crate::plugin::types::Type;

/// Is what `tf-provider`'s [`Resource`] lacks.
#[async_trait]
pub trait ResourceExtension: Resource {
    /// Names the write-only attributes. The server nulls them in every answer.
    fn write_only(&self) -> WriteOnly {
        &[]
    }

    /// Describes what identifies an object of this type, for `import` by identity.
    fn identity_attributes(&self) -> &'static [IdentityAttribute] {
        &[]
    }

    /// Returns the import id that an identity means; `None` if attributes that
    /// are required are missing.
    fn import_id(&self, identity: &Dynamic) -> Option<String> {
        let _ = identity;
        None
    }

    /// Brings a state that an older schema version wrote to today's, as JSON.
    ///
    /// The default takes it as it is: attributes that are gone are dropped, and
    /// new ones are null.
    fn upgrade_state(&self, version: i64, state: String) -> Result<String, String> {
        let _ = version;
        Ok(state)
    }

    /// Returns what a resource of another type becomes that is moved to this one;
    /// `None` if it cannot be, an error if its state makes no sense.
    ///
    /// The provider may not be configured when a client asks.
    #[expect(clippy::type_complexity, reason = "an answer, an error, or neither")]
    fn move_state(
        &self,
        source: &MovedState,
    ) -> Option<Result<(Self::State<'static>, Self::PrivateState<'static>), String>> {
        let _ = source;
        None
    }
}

/// Is a resource that is to be moved to another type.
#[derive(Clone, Debug)]
pub struct MovedState {
    /// Its provider, such as `registry.terraform.io/hashicorp/helm`.
    pub provider_address: String,
    /// Its type.
    pub type_name: String,
    /// The version of the schema that its state was written with.
    pub schema_version: i64,
    /// Its attributes.
    pub state: serde_json::Value,
}

/// Describes one attribute of a resource's identity: always a string here. Its
/// value is that of the state's attribute of the same name.
#[derive(Clone, Copy, Debug)]
pub struct IdentityAttribute {
    /// The name.
    pub name: &'static str,
    /// Whether an import must give it.
    pub required: bool,
    /// What it means.
    pub description: &'static str,
}

/// Is a state and the private data beside it.
pub(crate) type StateAndPrivate = (Dynamic, Vec<u8>);

/// Is what a plan comes to.
pub(crate) struct Planned {
    pub(crate) state: Dynamic,
    pub(crate) private: Vec<u8>,
    pub(crate) requires_replace: Vec<AttributePath>,
}

/// Is a resource of any state type.
///
/// A method that returns `None` has said why in the diagnostics.
#[async_trait]
pub(crate) trait ErasedResource: Send + Sync {
    fn schema(&self, found: &mut Diagnostics) -> Option<Schema>;
    fn write_only(&self) -> WriteOnly;
    fn identity_attributes(&self) -> &'static [IdentityAttribute];
    fn import_id(&self, identity: &Dynamic) -> Option<String>;
    fn upgrade_state(&self, version: i64, state: String) -> Result<String, String>;
    fn move_state(
        &self,
        found: &mut Diagnostics,
        source: &MovedState,
    ) -> Option<Result<Option<StateAndPrivate>, String>>;
    async fn validate(&self, found: &mut Diagnostics, config: Dynamic);
    async fn read(
        &self,
        found: &mut Diagnostics,
        state: Dynamic,
        private: &[u8],
    ) -> Option<StateAndPrivate>;
    async fn plan(
        &self,
        found: &mut Diagnostics,
        prior: Dynamic,
        proposed: Dynamic,
        config: Dynamic,
        private: &[u8],
    ) -> Option<Planned>;
    async fn create(
        &self,
        found: &mut Diagnostics,
        planned: Dynamic,
        config: Dynamic,
        private: &[u8],
    ) -> Option<StateAndPrivate>;
    async fn update(
        &self,
        found: &mut Diagnostics,
        prior: Dynamic,
        planned: Dynamic,
        config: Dynamic,
        private: &[u8],
    ) -> Option<StateAndPrivate>;
    async fn destroy(&self, found: &mut Diagnostics, prior: Dynamic, private: &[u8]);
    async fn import(&self, found: &mut Diagnostics, id: String) -> Option<StateAndPrivate>;
}

/// Is "no configuration of the provider's metadata": this provider has none.
type NoMetadata = tf_provider::value::ValueEmpty;

#[async_trait]
impl<R> ErasedResource for R
where
    R: ResourceExtension + 'static,
    for<'a> R: Resource<ProviderMetaState<'a> = NoMetadata>,
    for<'a> R::State<'a>: serde::de::DeserializeOwned,
    for<'a> R::PrivateState<'a>: serde::de::DeserializeOwned,
{
    fn schema(&self, found: &mut Diagnostics) -> Option<Schema> {
        Resource::schema(self, found)
    }

    fn write_only(&self) -> WriteOnly {
        ResourceExtension::write_only(self)
    }

    fn identity_attributes(&self) -> &'static [IdentityAttribute] {
        ResourceExtension::identity_attributes(self)
    }

    fn import_id(&self, identity: &Dynamic) -> Option<String> {
        ResourceExtension::import_id(self, identity)
    }

    fn upgrade_state(&self, version: i64, state: String) -> Result<String, String> {
        ResourceExtension::upgrade_state(self, version, state)
    }

    fn move_state(
        &self,
        found: &mut Diagnostics,
        source: &MovedState,
    ) -> Option<Result<Option<StateAndPrivate>, String>> {
        let moved = ResourceExtension::move_state(self, source)?;
        Some(moved.map(|(state, private)| state_out(found, &state, &private)))
    }

    async fn validate(&self, found: &mut Diagnostics, config: Dynamic) {
        if let Some(config) = read_typed(found, config) {
            Resource::validate(self, found, config).await;
        }
    }

    async fn read(
        &self,
        found: &mut Diagnostics,
        state: Dynamic,
        private: &[u8],
    ) -> Option<StateAndPrivate> {
        let state = read_typed(found, state)?;
        let private = private_in(found, private)?;
        let (state, private) =
            Resource::read(self, found, state, private, NoMetadata::Null).await?;
        state_out(found, &state, &private)
    }

    async fn plan(
        &self,
        found: &mut Diagnostics,
        prior: Dynamic,
        proposed: Dynamic,
        config: Dynamic,
        private: &[u8],
    ) -> Option<Planned> {
        if proposed.is_null() {
            let prior = read_typed(found, prior)?;
            let private = private_in(found, private)?;
            let private = self.plan_destroy(found, prior, private, NoMetadata::Null).await?;
            let (state, private) = (Dynamic::Null, private_out(found, &private)?);
            return Some(Planned { state, private, requires_replace: Vec::new() });
        }
        let proposed = read_typed(found, proposed)?;
        let config = read_typed(found, config)?;
        if prior.is_null() {
            let (state, private) =
                self.plan_create(found, proposed, config, NoMetadata::Null).await?;
            let (state, private) = state_out(found, &state, &private)?;
            return Some(Planned { state, private, requires_replace: Vec::new() });
        }
        let prior = read_typed(found, prior)?;
        let private = private_in(found, private)?;
        let (state, private, requires_replace) =
            self.plan_update(found, prior, proposed, config, private, NoMetadata::Null).await?;
        let (state, private) = state_out(found, &state, &private)?;
        Some(Planned { state, private, requires_replace })
    }

    async fn create(
        &self,
        found: &mut Diagnostics,
        planned: Dynamic,
        config: Dynamic,
        private: &[u8],
    ) -> Option<StateAndPrivate> {
        let planned = read_typed(found, planned)?;
        let config = read_typed(found, config)?;
        let private = private_in(found, private)?;
        let (state, private) =
            Resource::create(self, found, planned, config, private, NoMetadata::Null).await?;
        state_out(found, &state, &private)
    }

    async fn update(
        &self,
        found: &mut Diagnostics,
        prior: Dynamic,
        planned: Dynamic,
        config: Dynamic,
        private: &[u8],
    ) -> Option<StateAndPrivate> {
        let prior = read_typed(found, prior)?;
        let planned = read_typed(found, planned)?;
        let config = read_typed(found, config)?;
        let private = private_in(found, private)?;
        let (state, private) =
            Resource::update(self, found, prior, planned, config, private, NoMetadata::Null)
                .await?;
        state_out(found, &state, &private)
    }

    async fn destroy(&self, found: &mut Diagnostics, prior: Dynamic, private: &[u8]) {
        if let (Some(prior), Some(private)) = (read_typed(found, prior), private_in(found, private))
        {
            Resource::destroy(self, found, prior, private, NoMetadata::Null).await;
        }
    }

    async fn import(&self, found: &mut Diagnostics, id: String) -> Option<StateAndPrivate> {
        let (state, private) = Resource::import(self, found, id).await?;
        state_out(found, &state, &private)
    }
}

/// Reads private data. A resource that has none yet reads an empty object, so
/// the fields of a private type must have defaults.
fn private_in<T: serde::de::DeserializeOwned>(
    found: &mut Diagnostics,
    private: &[u8],
) -> Option<T> {
    let private = if private.is_empty() { b"{}" } else { private };
    match serde_json::from_slice(private) {
        Ok(private) => Some(private),
        Err(error) => {
            found.report_error(
                AttributePath::root(),
                "The private data of this resource cannot be read.",
                format!(
                    "The state holds private data that this version of the provider does not \
                     understand: {error}.\nHint: was the state written by a newer version? \
                     Otherwise remove the resource from the state and import it."
                ),
            );
            None
        }
    }
}

fn private_out<T: serde::Serialize>(found: &mut Diagnostics, private: &T) -> Option<Vec<u8>> {
    serde_json::to_vec(private)
        .map_err(|error| report_disagreement(found, &serde::ser::Error::custom(error)))
        .ok()
}

fn state_out<S: serde::Serialize, P: serde::Serialize>(
    found: &mut Diagnostics,
    state: &S,
    private: &P,
) -> Option<StateAndPrivate> {
    let state = write_typed(found, state)?;
    Some((state, private_out(found, private)?))
}

/// Returns the identity that a state has, null while any part of it is unknown.
pub(crate) fn identity_of(attributes: &[IdentityAttribute], state: &Dynamic) -> Dynamic {
    let values: std::collections::BTreeMap<_, _> = attributes
        .iter()
        .map(|attribute| (attribute.name.to_owned(), state.attribute(attribute.name).clone()))
        .collect();
    let identity = Dynamic::Map(values);
    if attributes.is_empty() || state.is_null() || !identity.is_wholly_known() {
        Dynamic::Null
    } else {
        identity
    }
}

/// Returns the type of an identity of those attributes.
pub(crate) fn identity_type(attributes: &[IdentityAttribute]) -> Type {
    Type::Object(
        attributes.iter().map(|attribute| (attribute.name.to_owned(), Type::String)).collect(),
    )
}
