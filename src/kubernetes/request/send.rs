//! Sending a request, and repeating it.
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
use tokio::time::Instant;

use crate::kubernetes::client::Cluster;
use crate::kubernetes::client::describe_auth_error;
use crate::kubernetes::error::ApiError;
use crate::kubernetes::error::ApiErrorClass;
use crate::kubernetes::error::KubernetesError;
use crate::kubernetes::error::RequestLine;
use crate::kubernetes::reference::ObjectReference;
use crate::kubernetes::request::failure::Failure;
use crate::kubernetes::request::failure::innermost;
use crate::kubernetes::request::warning::read_warning;

/// Is how long reading may take. A server that is there answers in milliseconds.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Is how long writing may take: the API server itself gives up after 60 s of slow webhooks.
const WRITE_TIMEOUT: Duration = Duration::from_secs(65);

/// Is an answer with the warnings that came along (deprecated values, Pod Security, webhooks).
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<T> {
    /// The answer.
    pub value: T,
    /// The server's warnings, in order, without doubles.
    pub warnings: Vec<String>,
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
            // A webhook may choose 401 too, and is then quoted.
            ApiErrorClass::Other if error.status == 401 => {
                Failure::hard(KubernetesError::Unauthorized {
                    address: self.address().to_owned(),
                    identity: self.identity().to_owned(),
                })
            }
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
