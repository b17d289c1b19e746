//! The generated code of the wire protocol.
//!
//! It is committed, so that a build of the provider needs no generator for it;
//! `make proto` writes it anew from the `.proto` files beside it.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    reason = "generated code follows the generator's style"
)]

/// Terraform's plugin protocol.
pub mod tfplugin6 {
    include!("proto/tfplugin6.rs");
}

/// What go-plugin expects beside it.
pub mod go_plugin {
    include!("proto/plugin.rs");
}

/// gRPC's health check.
pub mod health {
    include!("proto/grpc.health.v1.rs");
}
