//! What can be asked of the API server, with what the official clients hide: its warnings, and
//! why it refused.

use http::Method;
use serde_json::Value;
use serde_json::json;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::normalise::ApplyObject;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::request::send::Call;
use crate::kubernetes::resource::Location;
use crate::kubernetes::resource::Resource;
use crate::kubernetes::resource::encode_query;

pub use crate::kubernetes::request::send::Answer;

mod failure;
mod send;
mod warning;

/// Is the field manager that Helm's own command line uses, so that both work on one release.
pub const FIELD_MANAGER: &str = "helm";

/// Is how many requests of one command are on their way at the same time.
///
/// All of them share one connection; the API server's own limits for a client are higher.
pub(crate) const IN_FLIGHT: usize = 16;

/// Says whether a request is carried out or only tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Validation, defaults and admission run, nothing is stored.
    DryRun,
    /// It is done.
    Real,
}

/// Is what happens to the objects that a deleted object owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Propagation {
    /// They are deleted afterwards.
    Background,
    /// They are deleted first, and the object stays until they are gone.
    Foreground,
    /// They stay.
    Orphan,
}

/// Is what is written of one object, and in which of the API's ways.
enum Write<'a> {
    /// Server-side apply, forced.
    Apply(&'a ApplyObject),
    /// A JSON patch (RFC 6902).
    JsonPatch(&'a Value),
    /// A JSON merge patch (RFC 7386).
    MergePatch(&'a Value),
    /// A new object (POST).
    Create(&'a Value),
    /// The whole object (PUT).
    Replace(&'a Value),
}

impl Write<'_> {
    fn method(&self) -> Method {
        match self {
            Self::Apply(_) | Self::JsonPatch(_) | Self::MergePatch(_) => Method::PATCH,
            Self::Create(_) => Method::POST,
            Self::Replace(_) => Method::PUT,
        }
    }

    fn content_type(&self) -> &'static str {
        match self {
            Self::Apply(_) => "application/apply-patch+yaml",
            Self::JsonPatch(_) => "application/json-patch+json",
            Self::MergePatch(_) => "application/merge-patch+json",
            Self::Create(_) | Self::Replace(_) => "application/json",
        }
    }

    /// Returns path and query.
    fn path(&self, location: &Location, mode: Mode) -> String {
        let path = match self {
            Self::Create(_) => {
                location.resource.collection(location.reference.namespace.as_deref())
            }
            _ => location.path.clone(),
        };
        let options = match self {
            Self::Apply(_) => "&force=true&fieldValidation=Strict",
            _ => "",
        };
        let dry_run = match mode {
            Mode::DryRun => "&dryRun=All",
            Mode::Real => "",
        };
        format!("{path}?fieldManager={FIELD_MANAGER}{options}{dry_run}")
    }

    fn body(&self) -> Vec<u8> {
        match self {
            Self::Apply(object) => object.to_json(),
            Self::JsonPatch(value)
            | Self::MergePatch(value)
            | Self::Create(value)
            | Self::Replace(value) => value.to_string().into_bytes(),
        }
    }
}

impl Cluster {
    /// Returns an object as it is now.
    pub async fn get(&self, location: &Location) -> Result<LiveObject, KubernetesError> {
        let answer = self.send(Call::get(location.path.clone(), Some(&location.reference))).await?;
        LiveObject::new(answer.value)
    }

    /// Returns an object as it is now, or nothing if it does not exist.
    ///
    /// Every doubt is an error: only a 404 for that very object is "does not exist".
    pub async fn find(&self, location: &Location) -> Result<Option<LiveObject>, KubernetesError> {
        match self.get(location).await {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.is_object_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns all objects of a kind, in one namespace or everywhere, that match a label selector.
    ///
    /// An empty selector matches all. The objects carry `apiVersion` and `kind`, which the API
    /// leaves out of lists.
    pub async fn list(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        label_selector: &str,
    ) -> Result<Vec<LiveObject>, KubernetesError> {
        let mut objects = Vec::new();
        let mut next = String::new();
        loop {
            let path = format!(
                "{}?limit=500&labelSelector={}&continue={}",
                resource.collection(namespace),
                encode_query(label_selector),
                encode_query(&next)
            );
            let mut page = self.send(Call::get(path, None)).await?.value;
            if let Some(Value::Array(items)) = page.get_mut("items").map(Value::take) {
                for mut item in items {
                    if let Some(map) = item.as_object_mut() {
                        map.insert("apiVersion".to_owned(), resource.kind.api_version().into());
                        map.insert("kind".to_owned(), resource.kind.kind.clone().into());
                    }
                    objects.push(LiveObject::new(item)?);
                }
            }
            match page.pointer("/metadata/continue").and_then(Value::as_str) {
                Some(token) if !token.is_empty() => token.clone_into(&mut next),
                _ => return Ok(objects),
            }
        }
    }

    /// Returns the JSON at a path such as `/version`.
    pub async fn get_path(&self, path: &str) -> Result<Value, KubernetesError> {
        Ok(self.send(Call::get(path.to_owned(), None)).await?.value)
    }

    /// Returns the JSON at a path, asked for as one of several media types.
    pub(crate) async fn get_path_as(
        &self,
        path: &str,
        accept: &str,
    ) -> Result<Value, KubernetesError> {
        let call = Call { accept, ..Call::get(path.to_owned(), None) };
        Ok(self.send(call).await?.value)
    }

    /// Applies an object server-side, forced, as field manager [`FIELD_MANAGER`].
    pub(crate) async fn apply(
        &self,
        location: &Location,
        object: &ApplyObject,
        mode: Mode,
    ) -> Result<Answer<LiveObject>, KubernetesError> {
        self.write(location, &Write::Apply(object), mode).await
    }

    /// Sends a JSON patch (RFC 6902) as field manager [`FIELD_MANAGER`].
    pub async fn json_patch(
        &self,
        location: &Location,
        operations: &Value,
        mode: Mode,
    ) -> Result<Answer<LiveObject>, KubernetesError> {
        self.write(location, &Write::JsonPatch(operations), mode).await
    }

    /// Sends a JSON merge patch (RFC 7386) as field manager [`FIELD_MANAGER`].
    pub async fn merge_patch(
        &self,
        location: &Location,
        patch: &Value,
        mode: Mode,
    ) -> Result<Answer<LiveObject>, KubernetesError> {
        self.write(location, &Write::MergePatch(patch), mode).await
    }

    /// Creates an object as it is (POST); 409 with class `AlreadyExists` if there is one.
    pub async fn create(
        &self,
        location: &Location,
        object: &Value,
        mode: Mode,
    ) -> Result<Answer<LiveObject>, KubernetesError> {
        self.write(location, &Write::Create(object), mode).await
    }

    /// Replaces an object (PUT); guarded by the `metadata.resourceVersion` in it, if there is one.
    pub async fn replace(
        &self,
        location: &Location,
        object: &Value,
        mode: Mode,
    ) -> Result<Answer<LiveObject>, KubernetesError> {
        self.write(location, &Write::Replace(object), mode).await
    }

    async fn write(
        &self,
        location: &Location,
        write: &Write<'_>,
        mode: Mode,
    ) -> Result<Answer<LiveObject>, KubernetesError> {
        let call = Call {
            method: write.method(),
            content_type: Some(write.content_type()),
            body: write.body(),
            repeatable: mode == Mode::DryRun || matches!(write, Write::Apply(_)),
            ..Call::get(write.path(location, mode), Some(&location.reference))
        };
        let answer = self.send(call).await?;
        Ok(Answer { value: LiveObject::new(answer.value)?, warnings: answer.warnings })
    }

    /// Deletes an object, only if it still has this `uid` (if one is given).
    ///
    /// Answers `false` if it did not exist. It may exist for a while longer: finalizers run first.
    pub async fn delete(
        &self,
        location: &Location,
        propagation: Propagation,
        uid: Option<&str>,
    ) -> Result<bool, KubernetesError> {
        let mut options = json!({
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": match propagation {
                Propagation::Background => "Background",
                Propagation::Foreground => "Foreground",
                Propagation::Orphan => "Orphan",
            },
        });
        if let (Some(uid), Some(map)) = (uid, options.as_object_mut()) {
            map.insert("preconditions".to_owned(), json!({ "uid": uid }));
        }
        let call = Call {
            method: Method::DELETE,
            content_type: Some("application/json"),
            body: options.to_string().into_bytes(),
            repeatable: uid.is_some(),
            ..Call::get(location.path.clone(), Some(&location.reference))
        };
        match self.send(call).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_object_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }
}
