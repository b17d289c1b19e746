//! The provider's process; see the library for what it does.

use std::process::ExitCode;

fn main() -> ExitCode {
    terraform_provider_s3www::run()
}
