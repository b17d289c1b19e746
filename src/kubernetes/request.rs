//! Requests to the API server, with what the official clients hide: warnings, and why it refused.
//!
//! Retries are few and deliberate. 429 is always repeated (the request was not carried out), and
//! so is what could not be sent because a server that had answered before took no connection.
//! Broken connections and answers that blame the server are repeated only where doing it twice
//! is doing it once: reads, dry runs, server-side apply. A 500 is not, for it may well be the
//! user's own error. All of it takes seconds; who has minutes repeats the whole step.

use std::time::Duration;

use http::Method;
use http::Request;
use http::header::ACCEPT;
use http::header::CONTENT_TYPE;
use http::header::HeaderMap;
use http::header::RETRY_AFTER;
use http::header::WARNING;
use http_body_util::BodyExt as _;
use kube::client::AuthError;
use serde_json::Value;
use serde_json::json;
use tokio::time::Instant;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::client::describe_auth_error;
use crate::kubernetes::discovery::Location;
use crate::kubernetes::discovery::Resource;
use crate::kubernetes::error::ApiError;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::error::RequestLine;
use crate::kubernetes::normalise::ApplyObject;
use crate::kubernetes::object::LiveObject;
use crate::kubernetes::object::ObjectReference;
use crate::kubernetes::request::failure::Failure;
use crate::kubernetes::request::failure::innermost;

mod failure;
mod text;

use crate::kubernetes::request::text::encode_query;
pub(crate) use crate::kubernetes::request::text::encode_segment;
use crate::kubernetes::request::text::read_warning;

/// Is the field manager that Helm's own command line uses, so that both work on one release.
pub const FIELD_MANAGER: &str = "helm";

/// Is how long reading may take. A server that is there answers in milliseconds.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Is how long writing may take: the API server itself gives up after 60 s of slow webhooks.
const WRITE_TIMEOUT: Duration = Duration::from_secs(65);

/// Says whether a request is carried out or only tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Validation, defaults and admission run, nothing is stored.
    DryRun,
    /// It is done.
    Real,
}

/// Is an answer with the warnings that came along (deprecated values, Pod Security, webhooks).
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<T> {
    /// The answer.
    pub value: T,
    /// The server's warnings, in order, without doubles.
    pub warnings: Vec<String>,
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

/// Is one request as it goes out.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    /// The object that it is about, for errors.
    pub(crate) object: Option<&'a ObjectReference>,
    pub(crate) accept: &'a str,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) body: Vec<u8>,
    /// Whether doing it twice is doing it once.
    pub(crate) repeatable: bool,
}

impl<'a> Call<'a> {
    pub(crate) fn get(path: String, object: Option<&'a ObjectReference>) -> Self {
        Self {
            method: Method::GET,
            path,
            object,
            accept: "application/json",
            content_type: None,
            body: Vec::new(),
            repeatable: true,
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
        self.write(
            Method::PATCH,
            format!(
                "{}?fieldManager={FIELD_MANAGER}&force=true&fieldValidation=Strict{}",
                location.path,
                dry_run(mode)
            ),
            &location.reference,
            "application/apply-patch+yaml",
            &object.to_json(),
            true,
        )
        .await
    }

    /// Sends a JSON patch (RFC 6902) as field manager [`FIELD_MANAGER`].
    pub async fn json_patch(
        &self,
        location: &Location,
        operations: &Value,
        mode: Mode,
    ) -> Result<Answer<LiveObject>, KubernetesError> {
        self.write(
            Method::PATCH,
            format!("{}?fieldManager={FIELD_MANAGER}{}", location.path, dry_run(mode)),
            &location.reference,
            "application/json-patch+json",
            operations.to_string().as_bytes(),
            mode == Mode::DryRun,
        )
        .await
    }

    /// Sends a JSON merge patch (RFC 7386) as field manager [`FIELD_MANAGER`].
    pub async fn merge_patch(
        &self,
        location: &Location,
        patch: &Value,
        mode: Mode,
    ) -> Result<Answer<LiveObject>, KubernetesError> {
        self.write(
            Method::PATCH,
            format!("{}?fieldManager={FIELD_MANAGER}{}", location.path, dry_run(mode)),
            &location.reference,
            "application/merge-patch+json",
            patch.to_string().as_bytes(),
            mode == Mode::DryRun,
        )
        .await
    }

    /// Creates an object as it is (POST); 409 with class `AlreadyExists` if there is one.
    pub async fn create(
        &self,
        location: &Location,
        object: &Value,
        mode: Mode,
    ) -> Result<Answer<LiveObject>, KubernetesError> {
        let collection = location.resource.collection(location.reference.namespace.as_deref());
        self.write(
            Method::POST,
            format!("{collection}?fieldManager={FIELD_MANAGER}{}", dry_run(mode)),
            &location.reference,
            "application/json",
            object.to_string().as_bytes(),
            mode == Mode::DryRun,
        )
        .await
    }

    /// Replaces an object (PUT); guarded by the `metadata.resourceVersion` in it, if there is one.
    pub async fn replace(
        &self,
        location: &Location,
        object: &Value,
        mode: Mode,
    ) -> Result<Answer<LiveObject>, KubernetesError> {
        self.write(
            Method::PUT,
            format!("{}?fieldManager={FIELD_MANAGER}{}", location.path, dry_run(mode)),
            &location.reference,
            "application/json",
            object.to_string().as_bytes(),
            mode == Mode::DryRun,
        )
        .await
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

    async fn write(
        &self,
        method: Method,
        path: String,
        object: &ObjectReference,
        content_type: &'static str,
        body: &[u8],
        repeatable: bool,
    ) -> Result<Answer<LiveObject>, KubernetesError> {
        let call = Call {
            method,
            content_type: Some(content_type),
            body: body.to_vec(),
            repeatable,
            ..Call::get(path, Some(object))
        };
        let answer = self.send(call).await?;
        Ok(Answer { value: LiveObject::new(answer.value)?, warnings: answer.warnings })
    }

    /// Sends a request, repeats it where that is right, and reads the answer.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<Answer<Value>, KubernetesError> {
        let began = Instant::now();
        let mut attempt = 1;
        loop {
            let failure = match self.send_once(&call).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let Some(pause) = failure.pause(call.repeatable, attempt, began.elapsed()) else {
                return Err(failure.error);
            };
            tracing::debug!(error = %failure.error, attempt, "repeating a request");
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn send_once(&self, call: &Call<'_>) -> Result<Answer<Value>, Failure> {
        let client = self.client().await.map_err(Failure::hard)?;
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(&call.path)
            .header(ACCEPT, call.accept);
        if let Some(content_type) = call.content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let line = || RequestLine(call.method.as_str(), &call.path).to_string();
        let unreadable =
            |cause: String| KubernetesError::UnreadableAnswer { request: line(), cause };
        let request =
            request.body(kube::client::Body::from(call.body.clone())).map_err(|error| {
                Failure::hard(unreadable(format!("it cannot even be asked: {error}")))
            })?;
        let limit = if call.method == Method::GET { READ_TIMEOUT } else { WRITE_TIMEOUT };
        let exchange = async {
            let response =
                client.send(request).await.map_err(|error| self.connection_failure(&error))?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| {
                Failure::broken(unreadable(format!("it broke off: {}", innermost(&error))))
            })?;
            Ok((head, body.to_bytes()))
        };
        let (head, body) = match tokio::time::timeout(limit, exchange).await {
            Ok(result) => {
                let answer = result?;
                self.has_answered();
                answer
            }
            Err(_) => {
                return Err(Failure::hard(KubernetesError::NoAnswer {
                    address: self.address().to_owned(),
                    request: line(),
                    seconds: limit.as_secs(),
                }));
            }
        };
        if head.status.is_success() {
            let value = serde_json::from_slice(&body)
                .map_err(|error| Failure::hard(unreadable(format!("it is not JSON ({error})"))))?;
            return Ok(Answer { value, warnings: warnings(&head.headers) });
        }
        if head.status.as_u16() == 401 {
            return Err(Failure::hard(KubernetesError::Unauthorized {
                address: self.address().to_owned(),
                identity: self.identity().to_owned(),
            }));
        }
        let retry_after = head
            .headers
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let error = ApiError::read(
            call.method.as_str(),
            &call.path,
            call.object,
            head.status.as_u16(),
            &body,
            retry_after,
        );
        Err(match error.class {
            ApiErrorClass::TooManyRequests => Failure::busy(error),
            // A read cannot be the cause of a 500, a manifest can.
            ApiErrorClass::ServerFailure if error.status != 500 || call.method == Method::GET => {
                Failure::broken(error.into())
            }
            _ => Failure::hard(error.into()),
        })
    }

    /// Says why no answer came.
    fn connection_failure(&self, error: &kube::Error) -> Failure {
        if let kube::Error::Service(service) = error
            && let Some(auth) = service.downcast_ref::<AuthError>()
        {
            return Failure::hard(self.unusable(&describe_auth_error(auth, self.plugin())));
        }
        Failure::connection(error, self)
    }
}

fn dry_run(mode: Mode) -> &'static str {
    match mode {
        Mode::DryRun => "&dryRun=All",
        Mode::Real => "",
    }
}

fn warnings(headers: &HeaderMap) -> Vec<String> {
    let mut warnings: Vec<String> = Vec::new();
    for value in headers.get_all(WARNING) {
        let text = read_warning(&String::from_utf8_lossy(value.as_bytes()));
        if !text.is_empty() && !warnings.contains(&text) {
            warnings.push(text);
        }
    }
    warnings
}
