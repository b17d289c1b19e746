//! Says what went wrong with credentials without showing any.

use kube::client::AuthError;

/// Describes a failure to get credentials.
///
/// The error's own text must not be used: for a credential plugin it holds the command's
/// environment and everything that the command printed, tokens included.
pub(crate) fn describe_auth_error(error: &AuthError, plugin: Option<&str>) -> String {
    let plugin = plugin.unwrap_or("(unnamed)");
    match error {
        AuthError::AuthExecStart(source) => {
            format!("the credential plugin `{plugin}` cannot be started: {source}")
        }
        AuthError::AuthExecRun { out, .. } => {
            let stderr = String::from_utf8_lossy(&out.stderr);
            let last =
                stderr.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
            let said: String = last.trim().chars().take(300).collect();
            if said.is_empty() {
                format!("the credential plugin `{plugin}` failed ({})", out.status)
            } else {
                format!("the credential plugin `{plugin}` failed ({}) and said: {said}", out.status)
            }
        }
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            format!(
                "the credential plugin `{plugin}` did not print an ExecCredential with a status"
            )
        }
        AuthError::MissingCommand => "the credential plugin has no command".to_owned(),
        AuthError::ReadTokenFile(source, path) => {
            format!("the token file {} cannot be read: {source}", path.display())
        }
        AuthError::InvalidBasicAuth(_) | AuthError::InvalidBearerToken(_) => {
            "the token or password holds characters that no HTTP header may hold".to_owned()
        }
        AuthError::MalformedTokenExpirationDate(_) => {
            format!("the credential plugin `{plugin}` gave an expiry that is not a date")
        }
        AuthError::UnrefreshableTokenResponse => {
            format!("the credential plugin `{plugin}` gave no new token when the old one expired")
        }
        AuthError::AuthExec(text) => text.trim_end_matches('.').to_owned(),
        _ => "the authentication method of the kubeconfig failed or is not supported".to_owned(),
    }
}
