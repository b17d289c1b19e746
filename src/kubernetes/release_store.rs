//! Where release records live: one Secret for each revision, as Helm keeps them.
//!
//! The record is also the lock. Creating revision N+1 fails when somebody else has
//! created it, and every change of a record is guarded by its `resourceVersion`. While
//! we work on a revision its Secret carries who we are and a heartbeat (annotations:
//! Helm copies a release's labels to later revisions, which would make them look like
//! ours), so that a later run tells a process that works from one that was killed.

mod meta;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use thiserror::Error;

use crate::helm::release::OWNER_LABEL;
use crate::helm::release::Release;
use crate::helm::release::SECRET_TYPE;
use crate::helm::release::codec;
use crate::helm::release::codec::CodecError;
use crate::helm::release::history;
use crate::helm::release::history::Entry;
use crate::helm::release::secret_name;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::reference::GroupVersionKind;
use crate::kubernetes::request::Mode;
use crate::kubernetes::request::Propagation;
use crate::kubernetes::resource::Location;
use crate::kubernetes::resource::Resource;
use crate::kubernetes::resource::encode_segment;

pub use crate::kubernetes::release_store::meta::Meta;

/// The annotation that says which run of ours works, or last worked, on a revision.
pub const OPERATION_ANNOTATION: &str = "s3www.terraform.local/operation";

/// The annotation that changes every few seconds while a run of ours works on a revision.
pub const HEARTBEAT_ANNOTATION: &str = "s3www.terraform.local/heartbeat";

/// The annotation of an install, from its beginning until the client has the answer.
pub const UNCONFIRMED_ANNOTATION: &str = "s3www.terraform.local/unconfirmed";

/// Asks for a list without its objects' contents.
const METADATA_ONLY: &str =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/// Says why release records cannot be read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The API server refused.
    #[error(transparent)]
    Kubernetes(#[from] KubernetesError),
    /// The record cannot be written or read.
    #[error("The record `{secret}` of the release cannot be used: {source}.")]
    Codec {
        /// The Secret, as `namespace/name`.
        secret: String,
        /// Why.
        source: CodecError,
    },
    /// Somebody else made this revision at the same time.
    #[error(
        "Revision {revision} of release `{namespace}/{release}` was created by somebody else just \
         now. Let that operation finish, then run again."
    )]
    Taken {
        /// The release's namespace.
        namespace: String,
        /// The release's name.
        release: String,
        /// The revision.
        revision: u32,
    },
    /// Somebody else changed the record since it was read.
    #[error(
        "The record of revision {revision} of release `{namespace}/{release}` was changed by \
         somebody else while this run worked on it. Look at `helm history {release}`, then run again."
    )]
    Changed {
        /// The release's namespace.
        namespace: String,
        /// The release's name.
        release: String,
        /// The revision.
        revision: u32,
    },
}

/// Is one stored revision.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The record.
    pub release: Release,
    /// What its Secret says about it.
    pub meta: Meta,
}

/// Is the store of one release's records.
#[derive(Clone, Debug)]
pub struct ReleaseStore<'a> {
    cluster: &'a Cluster,
    namespace: &'a str,
    name: &'a str,
    secrets: Resource,
}

impl<'a> ReleaseStore<'a> {
    /// Names the release; asks for nothing.
    pub fn new(cluster: &'a Cluster, namespace: &'a str, name: &'a str) -> Self {
        let secrets = Resource {
            kind: GroupVersionKind::new("v1", "Secret"),
            plural: String::from("secrets"),
            namespaced: true,
        };
        Self { cluster, namespace, name, secrets }
    }

    /// Returns what is stored of the release, oldest first, without reading the records.
    ///
    /// Only labels and annotations are asked for: ten revisions may have ten megabytes.
    pub async fn list(&self) -> Result<Vec<Meta>, StoreError> {
        let path = format!(
            "{}?labelSelector={}%3D{}%2Cname%3D{}",
            self.secrets.collection(Some(self.namespace)),
            OWNER_LABEL.0,
            OWNER_LABEL.1,
            encode_segment(self.name)
        );
        let list = self.cluster.get_path_as(&path, METADATA_ONLY).await?;
        let items = list.get("items").and_then(Value::as_array);
        let mut metas: Vec<Meta> = items
            .into_iter()
            .flatten()
            .filter_map(|item| Meta::read(&LiveObject::new(item.clone()).ok()?, self.name))
            .collect();
        metas.sort_by_key(|meta| meta.entry.revision);
        Ok(metas)
    }

    /// Returns one revision, or nothing if it is not stored.
    pub async fn get(&self, revision: u32) -> Result<Option<Stored>, StoreError> {
        let Some(secret) = self.cluster.find(&self.location(revision)).await? else {
            return Ok(None);
        };
        self.read(&secret).map(Some)
    }

    /// Returns the newest revision, or nothing if the release is not stored.
    pub async fn latest(&self) -> Result<Option<Stored>, StoreError> {
        let metas = self.list().await?;
        match metas.last() {
            Some(meta) => self.get(meta.entry.revision).await,
            None => Ok(None),
        }
    }

    /// Returns the revision that serves, or nothing if none is deployed.
    pub async fn deployed(&self) -> Result<Option<Stored>, StoreError> {
        let entries = entries(&self.list().await?);
        match history::deployed(&entries) {
            Some(entry) => self.get(entry.revision).await,
            None => Ok(None),
        }
    }

    /// Stores a new revision, which takes the lock. `operation` names our run; `labels`
    /// are the release's own, which Helm hands on from revision to revision.
    ///
    /// May be called again with the same `operation` when an answer was lost: a record that
    /// is there already and bears that name is the one that was asked for. An install is
    /// unconfirmed until [`ReleaseStore::confirm`].
    pub async fn create(
        &self,
        release: &Release,
        operation: &str,
        is_install: bool,
        labels: &BTreeMap<String, String>,
    ) -> Result<Meta, StoreError> {
        let now = Timestamp::now();
        let mut all = labels.clone();
        all.extend(release.labels(now, None));
        let mut annotations = json!({
            OPERATION_ANNOTATION: operation,
            HEARTBEAT_ANNOTATION: now.to_string(),
        });
        if let (true, Some(annotations)) = (is_install, annotations.as_object_mut()) {
            annotations.insert(UNCONFIRMED_ANNOTATION.to_owned(), json!("true"));
        }
        let secret = self.secret(release, &json!(all), &annotations)?;
        let location = self.location(release.revision);
        match self.cluster.create(&location, &secret, Mode::Real).await {
            Ok(answer) => self.meta(&answer.value),
            Err(error) if error.class() == Some(ApiErrorClass::AlreadyExists) => {
                match self.get(release.revision).await? {
                    Some(stored) if stored.meta.operation() == Some(operation) => Ok(stored.meta),
                    _ => Err(StoreError::Taken {
                        namespace: self.namespace.to_owned(),
                        release: self.name.to_owned(),
                        revision: release.revision,
                    }),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Replaces a record that has not changed since `meta` was read. Labels and
    /// annotations that are not Helm's stay as they are.
    ///
    /// May be called again when an answer was lost: a record that says the same already, of
    /// the same run, is the one that was asked for.
    pub async fn update(&self, release: &Release, meta: &Meta) -> Result<Meta, StoreError> {
        let error = match self.replace(release, meta).await {
            Err(error @ StoreError::Changed { .. }) => error,
            result => return result,
        };
        match self.get(release.revision).await? {
            Some(now)
                if now.release == *release
                    && now.meta.uid == meta.uid
                    && now.meta.operation() == meta.operation() =>
            {
                Ok(now.meta)
            }
            _ => Err(error),
        }
    }

    async fn replace(&self, release: &Release, meta: &Meta) -> Result<Meta, StoreError> {
        let mut labels = meta.labels.clone();
        let created_at = meta.created_at.unwrap_or_else(Timestamp::now);
        labels.extend(release.labels(created_at, Some(Timestamp::now())));
        let mut secret = self.secret(release, &json!(labels), &json!(meta.annotations))?;
        if let Some(Value::Object(metadata)) = secret.get_mut("metadata") {
            metadata.insert("resourceVersion".to_owned(), json!(meta.resource_version));
            metadata.insert("uid".to_owned(), json!(meta.uid));
        }
        let location = self.location(release.revision);
        let answer = self.cluster.replace(&location, &secret, Mode::Real).await;
        match answer {
            Ok(answer) => self.meta(&answer.value),
            Err(error) => Err(self.changed(error, release.revision)),
        }
    }

    /// Shows that our run still works on a revision. Fails if somebody else changed it.
    pub async fn beat(&self, meta: &Meta) -> Result<Meta, StoreError> {
        let revision = meta.entry.revision;
        let patch = json!({ "metadata": {
            "resourceVersion": meta.resource_version,
            "annotations": { HEARTBEAT_ANNOTATION: Timestamp::now().to_string() },
        }});
        let location = self.location(revision);
        match self.cluster.merge_patch(&location, &patch, Mode::Real).await {
            Ok(answer) => self.meta(&answer.value),
            Err(error) => Err(self.changed(error, revision)),
        }
    }

    /// Deletes one revision; it is no error if it is not stored, or another one of that
    /// number by now.
    pub async fn delete(&self, meta: &Meta) -> Result<(), StoreError> {
        let location = self.location(meta.entry.revision);
        match self.cluster.delete(&location, Propagation::Background, Some(&meta.uid)).await {
            Err(error)
                if !matches!(
                    error.class(),
                    Some(ApiErrorClass::UidMismatch | ApiErrorClass::Conflict)
                ) =>
            {
                Err(error.into())
            }
            _ => Ok(()),
        }
    }

    /// Notes that the client knows of the release, see [`Meta::is_unconfirmed`].
    pub async fn confirm(&self, revision: u32) -> Result<(), StoreError> {
        self.annotate(
            revision,
            &json!({ UNCONFIRMED_ANNOTATION: null, HEARTBEAT_ANNOTATION: null }),
        )
        .await
    }

    /// Shows that the run that installed the release is still there, and may confirm it.
    pub async fn show_life(&self, revision: u32) -> Result<(), StoreError> {
        let now = Timestamp::now().to_string();
        self.annotate(revision, &json!({ HEARTBEAT_ANNOTATION: now })).await
    }

    async fn annotate(&self, revision: u32, annotations: &Value) -> Result<(), StoreError> {
        let patch = json!({ "metadata": { "annotations": annotations } });
        self.cluster.merge_patch(&self.location(revision), &patch, Mode::Real).await?;
        Ok(())
    }

    fn location(&self, revision: u32) -> Location {
        self.secrets.object(self.namespace, &secret_name(self.name, revision))
    }

    fn secret(
        &self,
        release: &Release,
        labels: &Value,
        annotations: &Value,
    ) -> Result<Value, StoreError> {
        let name = release.secret_name();
        let data = codec::encode(release).map_err(|source| self.codec(&name, source))?;
        Ok(json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "type": SECRET_TYPE,
            "metadata": {
                "name": name,
                "namespace": self.namespace,
                "labels": labels,
                "annotations": annotations,
            },
            "data": { "release": STANDARD.encode(data) },
        }))
    }

    fn read(&self, secret: &LiveObject) -> Result<Stored, StoreError> {
        let meta = self.meta(secret)?;
        let text = secret.text(&["data", "release"]).unwrap_or_default();
        let release = STANDARD
            .decode(text)
            .map_err(CodecError::Base64)
            .and_then(|data| codec::decode(&data))
            .map_err(|source| self.codec(secret.name(), source))?;
        Ok(Stored { release, meta })
    }

    fn meta(&self, secret: &LiveObject) -> Result<Meta, StoreError> {
        Meta::read(secret, self.name).ok_or_else(|| {
            KubernetesError::InvalidObject(format!(
                "The Secret `{}/{}` is not a release record of `{}`: its labels `name`, `owner`, \
                 `status` and `version` are not as Helm sets them.",
                self.namespace,
                secret.name(),
                self.name
            ))
            .into()
        })
    }

    fn codec(&self, secret: &str, source: CodecError) -> StoreError {
        StoreError::Codec { secret: format!("{}/{secret}", self.namespace), source }
    }

    fn changed(&self, error: KubernetesError, revision: u32) -> StoreError {
        match error.class() {
            Some(
                ApiErrorClass::Conflict
                | ApiErrorClass::UidMismatch
                | ApiErrorClass::ObjectNotFound,
            ) => StoreError::Changed {
                namespace: self.namespace.to_owned(),
                release: self.name.to_owned(),
                revision,
            },
            _ => error.into(),
        }
    }
}

/// Returns revision and state of each.
pub fn entries(metas: &[Meta]) -> Vec<Entry> {
    metas.iter().map(|meta| meta.entry).collect()
}
