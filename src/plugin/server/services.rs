//! The services that go-plugin expects beside the provider: shutdown, the
//! plugin's standard output, the broker, and gRPC's health check.

use std::pin::Pin;

use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tonic::Request;
use tonic::Response;
use tonic::Status;
use tonic::Streaming;

use crate::plugin::proto::go_plugin;
use crate::plugin::proto::go_plugin::grpc_broker_server::GrpcBroker;
use crate::plugin::proto::go_plugin::grpc_controller_server::GrpcController;
use crate::plugin::proto::go_plugin::grpc_stdio_server::GrpcStdio;
use crate::plugin::proto::health;
use crate::plugin::proto::health::health_check_response::ServingStatus;
use crate::plugin::proto::health::health_server::Health;

/// Is a stream that carries nothing and ends when the process shuts down: a
/// client that sees it end early would try to open it again.
type Silence<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Answers all of them; both tokens are cancelled when the client says goodbye.
#[derive(Clone)]
pub(crate) struct Services {
    /// Ends the process; signals and a client that is gone cancel it too.
    pub(crate) shutdown: CancellationToken,
    pub(crate) goodbye: CancellationToken,
}

impl Services {
    fn silence<T: Send + 'static>(&self) -> Silence<T> {
        let shutdown = self.shutdown.clone();
        Box::pin(futures::stream::once(async move {
            shutdown.cancelled().await;
            Err(Status::unavailable("The provider shuts down."))
        }))
    }
}

#[tonic::async_trait]
impl GrpcController for Services {
    async fn shutdown(
        &self,
        _: Request<go_plugin::Empty>,
    ) -> Result<Response<go_plugin::Empty>, Status> {
        self.goodbye.cancel();
        self.shutdown.cancel();
        Ok(Response::new(go_plugin::Empty {}))
    }
}

#[tonic::async_trait]
impl GrpcStdio for Services {
    type StreamStdioStream = Silence<go_plugin::StdioData>;

    /// Nothing is ever written to standard output, and logs go to standard error
    /// directly, where the client reads them.
    async fn stream_stdio(
        &self,
        _: Request<go_plugin::Empty>,
    ) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(self.silence()))
    }
}

#[tonic::async_trait]
impl GrpcBroker for Services {
    type StartStreamStream = Silence<go_plugin::ConnectionInfo>;

    /// Brokered connections are for plugins that call back into the client.
    async fn start_stream(
        &self,
        _: Request<Streaming<go_plugin::ConnectionInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        Ok(Response::new(self.silence()))
    }
}

#[tonic::async_trait]
impl Health for Services {
    type WatchStream = Silence<health::HealthCheckResponse>;

    async fn check(
        &self,
        _: Request<health::HealthCheckRequest>,
    ) -> Result<Response<health::HealthCheckResponse>, Status> {
        let status = ServingStatus::Serving.into();
        Ok(Response::new(health::HealthCheckResponse { status }))
    }

    async fn watch(
        &self,
        _: Request<health::HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        use futures::StreamExt;
        let status = ServingStatus::Serving.into();
        let serving = tokio_stream::once(Ok(health::HealthCheckResponse { status }));
        Ok(Response::new(Box::pin(serving.chain(self.silence()))))
    }
}
