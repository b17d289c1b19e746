//! Data source `s3www_stack`: a release that exists, made here or by the Helm CLI.

use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value as Json;
use tf_provider::AttributePath;
use tf_provider::DataSource;
use tf_provider::Diagnostics;
use tf_provider::schema::AttributeType;
use tf_provider::schema::Schema;
use tf_provider::value::Value;
use tf_provider::value::ValueEmpty;

use crate::helm::release::Release;
use crate::helm::release::Status;
use crate::helm::release::objects;
use crate::kubernetes::client::Cluster;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::manifest::ManifestObject;
use crate::kubernetes::release_store::ReleaseStore;
use crate::plugin::diagnostics::Report;
use crate::provider::attributes::computed;
use crate::provider::attributes::optional;
use crate::provider::attributes::required;
use crate::provider::attributes::schema as describe;
use crate::provider::attributes::strings;
use crate::provider::configuration::Known;
use crate::provider::connection::StackConnection;
use crate::provider::context::Context;
use crate::provider::report::kubernetes_error;
use crate::provider::report::store_error;
use crate::provider::value::known;
use crate::provider::value::or_null;

/// Is the data source.
pub struct S3wwwStackData {
    context: Context,
}

/// Is an `s3www_stack` as it stands in a configuration or the state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StackData {
    name: Value<String>,
    namespace: Value<String>,
    id: Value<String>,
    revision: Value<i64>,
    status: Value<String>,
    chart_name: Value<String>,
    chart_version: Value<String>,
    app_version: Value<String>,
    bucket: Value<String>,
    service_url: Value<String>,
    url: Value<String>,
    minio_endpoint: Value<String>,
    credentials_secret: Value<String>,
    objects: Value<Vec<Value<String>>>,
}

impl S3wwwStackData {
    /// Makes the data source.
    pub fn new(context: Context) -> Self {
        Self { context }
    }

    fn cluster(&self, found: &mut Diagnostics) -> Option<Cluster> {
        let summary = "The Kubernetes cluster cannot be determined.";
        match self.context.cluster() {
            Ok(Known::Now(cluster)) => Some(cluster),
            Ok(Known::AfterApply) => {
                found.report_error(
                    AttributePath::root(),
                    summary,
                    "The provider block is not known yet.\nHint: refer to a resource that is \
                     created after that (`depends_on`).",
                );
                None
            }
            Err(error) => {
                kubernetes_error(found, AttributePath::root(), summary, &error);
                None
            }
        }
    }
}

#[async_trait]
impl DataSource for S3wwwStackData {
    type State<'a> = StackData;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        use AttributeType::Number;
        use AttributeType::String;
        Some(describe(
            0,
            "Reads a stack that exists, one that another configuration or the Helm CLI has made.",
            [
                ("name", required(String, "Name of the release.")),
                ("namespace", optional(String, "Namespace of the release; `default` if not set.")),
                (
                    "id",
                    computed(String, "`namespace/name`, as `stack` of other resources takes it."),
                ),
                ("revision", computed(Number, "Newest revision of the release.")),
                ("status", computed(String, "Status of that revision, in Helm's words.")),
                ("chart_name", computed(String, "Name of the chart.")),
                ("chart_version", computed(String, "Version of the chart.")),
                ("app_version", computed(String, "Version of the application, as the chart says.")),
                ("bucket", computed(String, "Bucket that is served.")),
                ("service_url", computed(String, "URL of the site within the cluster.")),
                ("url", computed(String, "URL of the site from outside, if the chart knows one.")),
                ("minio_endpoint", computed(String, "URL of MinIO within the cluster.")),
                (
                    "credentials_secret",
                    computed(String, "Name of the Secret with MinIO's root credentials."),
                ),
                (
                    "objects",
                    computed(
                        strings(),
                        "Objects of the release, as `apiVersion/Kind/namespace/name`, sorted.",
                    ),
                ),
            ],
        ))
    }

    async fn read<'a>(
        &self,
        found: &mut Diagnostics,
        config: StackData,
        _: ValueEmpty,
    ) -> Option<StackData> {
        let cluster = self.cluster(found)?;
        let name = known(&config.name).unwrap_or_default();
        let namespace = known(&config.namespace).unwrap_or_else(|| "default".to_owned());
        let id = format!("{namespace}/{name}");
        let latest = match ReleaseStore::new(&cluster, &namespace, &name).latest().await {
            Ok(latest) => latest.map(|stored| stored.release),
            Err(error) => {
                store_error(found, format!("Release `{id}` cannot be read."), &error);
                return None;
            }
        };
        let Some(release) = latest.filter(|one| one.info.status != Status::Uninstalled) else {
            found.report_error(
                AttributePath::new("name"),
                format!("Release `{id}` does not exist."),
                format!(
                    "No release of that name is in the namespace `{namespace}`.\n\
                     Hint: `helm list --all-namespaces` shows the releases that there are."
                ),
            );
            return None;
        };
        let documents = match objects::documents(&release.manifest) {
            Ok(documents) => documents,
            Err(error) => {
                let summary = format!("The record of release `{id}` cannot be read.");
                found.report_error(AttributePath::root(), summary, error.to_string());
                return None;
            }
        };
        let connection = StackConnection::find(&documents).unwrap_or_default();
        let field = |name: &str| or_null(connection.get(name).map(str::to_owned));
        let text = |text: &str| Value::Value(text.to_owned());
        Some(StackData {
            id: Value::Value(id),
            revision: Value::Value(i64::from(release.revision)),
            status: Value::Value(release.info.status.to_string()),
            chart_name: text(release.chart.name()),
            chart_version: text(release.chart.version()),
            app_version: text(release.chart.app_version()),
            bucket: field("bucket"),
            service_url: field("serviceUrl"),
            url: field("url"),
            minio_endpoint: field("minioEndpoint"),
            credentials_secret: field("credentialsSecret"),
            objects: Value::Value(keys(found, &cluster, &release, documents).await),
            ..config
        })
    }
}

/// Returns what the objects of a release are called, sorted. One of a kind that the cluster does
/// not know (any more) is left out, with a warning.
async fn keys(
    found: &mut Diagnostics,
    cluster: &Cluster,
    release: &Release,
    documents: Vec<Json>,
) -> Vec<Value<String>> {
    let mut keys = Vec::new();
    for document in documents {
        match keys_of(cluster, release, document).await {
            Ok(own) => keys.extend(own),
            Err(error) => kubernetes_warning(found, &error),
        }
    }
    keys.sort();
    keys.into_iter().map(Value::Value).collect()
}

async fn keys_of(
    cluster: &Cluster,
    release: &Release,
    document: Json,
) -> Result<Vec<String>, KubernetesError> {
    let mut keys = Vec::new();
    for object in ManifestObject::read(document)? {
        let resource = cluster.resource(object.kind()).await?;
        keys.push(object.location(&resource, &release.namespace).reference.key());
    }
    Ok(keys)
}

fn kubernetes_warning(found: &mut Diagnostics, error: &KubernetesError) {
    let summary = "An object of the release is left out of `objects`.";
    found.report_warning(AttributePath::root(), summary, error.to_string());
}
