//! The two clients that count: Terraform and OpenTofu.

use std::path::PathBuf;

use super::program;

/// Is a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    Terraform,
    OpenTofu,
}

impl Client {
    /// Both, for a test that holds for each.
    pub const ALL: [Self; 2] = [Self::Terraform, Self::OpenTofu];

    /// Returns the client's program.
    pub fn program(self) -> PathBuf {
        match self {
            Self::Terraform => program("TERRAFORM", "terraform"),
            Self::OpenTofu => program("TOFU", "tofu"),
        }
    }
}
