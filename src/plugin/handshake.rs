//! The handshake that a client makes with a plugin process.
//!
//! The client starts the process with a magic cookie and the protocol versions
//! it speaks in the environment, and reads one line from its standard output:
//! `1|6|unix|/path/of/the/socket|grpc|certificate`.
//! Source: <https://github.com/hashicorp/go-plugin/blob/main/docs/internals.md>

use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// The protocol version that this provider serves.
pub const PROTOCOL: u32 = 6;

const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// Says why the process cannot serve whoever started it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HandshakeError {
    /// No client started the process: a person did.
    #[error("The magic cookie is missing: no Terraform client started this program.")]
    NoClient,
    /// The client is older or newer than everything we speak.
    #[error(
        "The client speaks the plugin protocols {offered}, this provider speaks {PROTOCOL}. \
         Hint: use Terraform 1.11 or newer, or OpenTofu 1.11 or newer."
    )]
    NoCommonProtocol {
        /// What the client said.
        offered: String,
    },
}

/// Is what the client's environment says.
#[derive(Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The client's certificate in PEM; `None` if it asked for no TLS.
    pub client_certificate: Option<String>,
    /// The ports that a plugin without a unix socket may listen on; 0 means any.
    pub ports: RangeInclusive<u16>,
}

/// Leaves the choice of a TCP port to the system.
pub const ANY_PORT: RangeInclusive<u16> = 0..=0;

impl Handshake {
    /// Reads the environment, which `variable` looks up.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, HandshakeError> {
        if variable(COOKIE_NAME).as_deref() != Some(COOKIE) {
            return Err(HandshakeError::NoClient);
        }
        // The versions come in random order. A client that sends none is older
        // than the variable and means the one version of its day, which is 6
        // for nobody: but debuggers leave it out, so it counts as "any".
        let offered = variable("PLUGIN_PROTOCOL_VERSIONS").unwrap_or_default();
        let speaks_ours = offered.split(',').any(|version| version.trim() == PROTOCOL.to_string());
        if !offered.is_empty() && !speaks_ours {
            return Err(HandshakeError::NoCommonProtocol { offered });
        }
        let client_certificate = variable("PLUGIN_CLIENT_CERT").filter(|pem| !pem.is_empty());
        let port = |name| variable(name).and_then(|text| text.trim().parse().ok());
        let ports = match (port("PLUGIN_MIN_PORT"), port("PLUGIN_MAX_PORT")) {
            (Some(first), Some(last)) => first..=last,
            _ => ANY_PORT,
        };
        Ok(Self { client_certificate, ports })
    }
}

/// Returns the line that tells the client where the provider listens.
///
/// `network` is `unix` or `tcp`; `certificate` is the server's in DER. The
/// client decodes it as base64 without padding and refuses any other.
pub fn line(network: &str, address: &str, certificate: Option<&[u8]>) -> String {
    let certificate = certificate.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
    format!("1|{PROTOCOL}|{network}|{address}|grpc|{certificate}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Handshake, HandshakeError> {
        Handshake::read(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_person_is_told_apart_from_a_client() {
        assert_eq!(read(&[]), Err(HandshakeError::NoClient));
        assert_eq!(read(&[(COOKIE_NAME, "another")]), Err(HandshakeError::NoClient));
    }

    #[test]
    fn the_protocol_is_found_at_any_place_in_the_offer() {
        for offered in ["5,6", "6,5", "6", "7,6"] {
            let variables = [(COOKIE_NAME, COOKIE), ("PLUGIN_PROTOCOL_VERSIONS", offered)];
            assert!(read(&variables).is_ok(), "{offered}");
        }
        for offered in ["5", "4,5", "16", "60"] {
            let variables = [(COOKIE_NAME, COOKIE), ("PLUGIN_PROTOCOL_VERSIONS", offered)];
            let refused = HandshakeError::NoCommonProtocol { offered: offered.to_owned() };
            assert_eq!(read(&variables), Err(refused));
        }
    }

    #[test]
    fn ports_are_the_client_s_or_any() {
        let ports = |first, last| {
            let cookie = (COOKIE_NAME, COOKIE);
            read(&[cookie, ("PLUGIN_MIN_PORT", first), ("PLUGIN_MAX_PORT", last)]).unwrap().ports
        };
        assert_eq!(ports("10000", "25000"), 10000..=25000);
        assert_eq!(ports("10000", "none"), ANY_PORT);
        assert_eq!(read(&[(COOKIE_NAME, COOKIE)]).unwrap().ports, ANY_PORT);
    }

    #[test]
    fn the_line_has_six_fields_and_no_padding() {
        assert_eq!(line("unix", "/run/p", Some(b"a")), "1|6|unix|/run/p|grpc|YQ");
        assert_eq!(line("tcp", "127.0.0.1:1", None), "1|6|tcp|127.0.0.1:1|grpc|");
    }
}
