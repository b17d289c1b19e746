//! The plugin process: what it does from its start to its end.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server as GrpcServer;

use crate::plugin::handshake;
use crate::plugin::handshake::Handshake;
use crate::plugin::listener::Listener;
use crate::plugin::logging;
use crate::plugin::proto::go_plugin::grpc_broker_server::GrpcBrokerServer;
use crate::plugin::proto::go_plugin::grpc_controller_server::GrpcControllerServer;
use crate::plugin::proto::go_plugin::grpc_stdio_server::GrpcStdioServer;
use crate::plugin::proto::health::health_server::HealthServer;
use crate::plugin::proto::tfplugin6::provider_server::ProviderServer;
use crate::plugin::registry::Registry;
use crate::plugin::server::Server;
use crate::plugin::server::services::Services;
use crate::plugin::tls;

/// Clients take and send messages of up to 256 MiB.
/// Source: terraform, `plugin6.grpcMaxMessageSize`.
const MAX_MESSAGE: usize = 256 << 20;

/// A client waits 2 s for a process that it has told to end, then kills it. What
/// is under way gets most of that to record where it stopped.
const GRACE: Duration = Duration::from_millis(1500);

/// Says who started the process and for what.
enum Mode {
    Client(Handshake),
    Debug,
}

/// Runs the process: answers `--version` and `--help`, or serves the provider
/// that `registry` makes until the client, or a signal, ends it.
///
/// `address` is the provider's source address, `registry` receives the token
/// that is cancelled when the client asks to stop.
pub fn run(address: &str, registry: impl FnOnce(CancellationToken) -> Registry) -> ExitCode {
    let argument = std::env::args().nth(1);
    let mode = match argument.as_deref() {
        Some("--version" | "-version" | "version") => {
            return say(&format!("terraform-provider-s3www v{}", env!("S3WWW_VERSION")));
        }
        Some("--help" | "-help" | "-h" | "help") => return say(&help(address)),
        Some("--debug" | "-debug") => Mode::Debug,
        Some(other) => {
            return refuse(&format!("The argument `{other}` is not known.\n\n{}", help(address)));
        }
        None => match Handshake::read(|name| std::env::var(name).ok()) {
            Ok(handshake) => Mode::Client(handshake),
            Err(handshake::HandshakeError::NoClient) => return refuse(&help(address)),
            Err(error) => return refuse(&error.to_string()),
        },
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let served = match runtime {
        Ok(runtime) => {
            let served = runtime.block_on(serve(address, mode, registry));
            // What still runs is not waited for: a client pays for a slow end.
            runtime.shutdown_background();
            served
        }
        Err(error) => Err(error.into()),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&format!("The provider could not be served: {error:#}")),
    }
}

fn help(address: &str) -> String {
    format!(
        "terraform-provider-s3www is a plugin of Terraform and OpenTofu. It is not run by hand:\n\
         put it into a plugin folder or a filesystem mirror, and name it in a configuration:\n\
         \n\
         \x20 terraform {{\n\
         \x20   required_providers {{\n\
         \x20     s3www = {{ source = \"{address}\" }}\n\
         \x20   }}\n\
         \x20 }}\n\
         \n\
         Options:\n\
         \x20 --version  prints the version\n\
         \x20 --help     prints this text\n\
         \x20 --debug    serves until it is interrupted, for a debugger, and prints the\n\
         \x20            TF_REATTACH_PROVIDERS to set for Terraform"
    )
}

/// Prints to standard output what a person asked for.
fn say(text: &str) -> ExitCode {
    // A closed pipe is the reader's choice.
    drop(writeln!(std::io::stdout(), "{text}"));
    ExitCode::SUCCESS
}

fn refuse(text: &str) -> ExitCode {
    drop(writeln!(std::io::stderr(), "{text}"));
    ExitCode::FAILURE
}

async fn serve(
    address: &str,
    mode: Mode,
    registry: impl FnOnce(CancellationToken) -> Registry,
) -> anyhow::Result<()> {
    // Before anything that the client waits for: it may be gone right after that.
    let parent = parent();
    logging::start();
    let (stop, shutdown) = (CancellationToken::new(), CancellationToken::new());
    let debug = matches!(mode, Mode::Debug);
    watch_signals(shutdown.clone(), debug)?;

    let (secured, ports) = match &mode {
        Mode::Debug => (false, handshake::ANY_PORT),
        Mode::Client(client) => (client.client_certificate.is_some(), client.ports.clone()),
    };
    let (listener, _folder) = Listener::bind(secured, ports)?;
    let (network, path) = listener.address();
    let (tls, greeting) = match &mode {
        Mode::Debug => (None, reattach(address, network, path)),
        Mode::Client(Handshake { client_certificate: None, .. }) => {
            (None, handshake::line(network, path, None))
        }
        Mode::Client(Handshake { client_certificate: Some(pem), .. }) => {
            let (config, certificate) = tls::server(pem)?;
            (Some(config), handshake::line(network, path, Some(&certificate)))
        }
    };
    let server = Server::new(registry(stop.clone()), stop.clone());
    let goodbye = CancellationToken::new();
    let services = Services {
        goodbye: goodbye.clone(),
        // A debugged provider outlives the clients that attach to it.
        shutdown: if debug { CancellationToken::new() } else { shutdown.clone() },
    };
    let router = GrpcServer::builder()
        .add_service(
            ProviderServer::new(server.clone())
                .max_decoding_message_size(MAX_MESSAGE)
                .max_encoding_message_size(MAX_MESSAGE),
        )
        .add_service(GrpcControllerServer::new(services.clone()))
        .add_service(GrpcStdioServer::new(services.clone()))
        .add_service(GrpcBrokerServer::new(services.clone()))
        .add_service(HealthServer::new(services));
    let connections = ReceiverStream::new(listener.accept(tls));
    let serving = tokio::spawn(router.serve_with_incoming(connections));

    // Standard output belongs to the handshake: this is its only line.
    writeln!(std::io::stdout().lock(), "{greeting}")?;
    if !debug {
        watch_parent(parent, shutdown.clone());
    }
    tokio::select! {
        ended = serving => ended??,
        () = shutdown.cancelled() => finish(&server, &stop, goodbye.is_cancelled()).await,
    }
    Ok(())
}

/// Ends what is under way, within the time that a client leaves for it.
async fn finish(server: &Server, stop: &CancellationToken, said_goodbye: bool) {
    if server.calls_in_flight() == 0 {
        if said_goodbye && tokio::time::timeout(GRACE, server.farewell()).await.is_err() {
            tracing::warn!("What is done at the end was not done within {GRACE:?}.");
        }
        return;
    }
    tracing::warn!("The provider is told to end while an operation runs; it is interrupted.");
    stop.cancel();
    let idle = async {
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        while server.calls_in_flight() > 0 {
            tick.tick().await;
        }
    };
    drop(tokio::time::timeout(GRACE, idle).await);
}

/// Ends the process on SIGTERM. SIGINT belongs to the client, which gets it from
/// the terminal too and decides by StopProvider what becomes of the operation;
/// only a debugged provider, whose terminal is its own, ends on it.
#[cfg(unix)]
fn watch_signals(shutdown: CancellationToken, debug: bool) -> std::io::Result<()> {
    use tokio::signal::unix::SignalKind;
    use tokio::signal::unix::signal;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => if debug { break },
            }
        }
        shutdown.cancel();
    });
    Ok(())
}

#[cfg(not(unix))]
fn watch_signals(shutdown: CancellationToken, debug: bool) -> std::io::Result<()> {
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if debug {
                shutdown.cancel();
                return;
            }
        }
    });
    Ok(())
}

/// Ends the process when the client that started it is gone without a word
/// (SIGKILL). The kernel would tell through `PR_SET_PDEATHSIG`, which needs
/// unsafe code; a look at the parent every half second is as good here.
#[cfg(unix)]
fn watch_parent(parent: u32, shutdown: CancellationToken) {
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(Duration::from_millis(500));
        loop {
            tick.tick().await;
            if self::parent() != parent {
                tracing::warn!("The client is gone; the provider ends.");
                shutdown.cancel();
                return;
            }
        }
    });
}

#[cfg(not(unix))]
fn watch_parent(_parent: u32, _shutdown: CancellationToken) {}

/// Returns the id of the process that started this one, or of whoever inherited it.
fn parent() -> u32 {
    #[cfg(unix)]
    return std::os::unix::process::parent_id();
    #[cfg(not(unix))]
    0
}

/// Returns what a debugger's user sets so that Terraform uses this process.
/// Source: <https://developer.hashicorp.com/terraform/plugin/debugging>
fn reattach(address: &str, network: &str, path: &str) -> String {
    let value = serde_json::json!({
        address: {
            "Protocol": "grpc",
            "ProtocolVersion": handshake::PROTOCOL,
            "Pid": std::process::id(),
            "Test": true,
            "Addr": { "Network": network, "String": path },
        }
    });
    format!(
        "The provider runs. To use it, set in another terminal:\n\n\
         export TF_REATTACH_PROVIDERS='{value}'"
    )
}
