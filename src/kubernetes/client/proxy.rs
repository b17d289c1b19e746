//! Chooses the proxy, as Go programs (kubectl, Helm) choose it.

use std::net::IpAddr;

use crate::kubernetes::error::KubernetesError;

/// Returns the proxy for requests to `host`: the explicit one, or that of the environment.
///
/// kube's own choice is not used: it compares `NO_PROXY` with the proxy instead of the host.
pub(super) fn choose(
    explicit: Option<&str>,
    host: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<http::Uri>, KubernetesError> {
    let variable = |upper: &str, lower: &str| {
        environment(upper).or_else(|| environment(lower)).filter(|value| !value.is_empty())
    };
    let text = match explicit {
        Some(explicit) => explicit.to_owned(),
        None => match variable("HTTPS_PROXY", "https_proxy") {
            Some(proxy)
                if !is_excluded(host, &variable("NO_PROXY", "no_proxy").unwrap_or_default()) =>
            {
                proxy
            }
            _ => return Ok(None),
        },
    };
    let text = if text.contains("://") { text } else { format!("http://{text}") };
    // The text itself is not shown: it may hold a password.
    text.parse().map(Some).map_err(|error| {
        KubernetesError::Configuration(format!(
            "The proxy for the Kubernetes API (`proxy_url`, or HTTPS_PROXY) is not a URL: {error}."
        ))
    })
}

/// Says whether a host is reached without the proxy: loopback always, else by the list.
fn is_excluded(host: &str, list: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let address: Option<IpAddr> = host.parse().ok();
    if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return true;
    }
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        if let (Some(address), Some((network, bits))) = (address, entry.split_once('/')) {
            return in_network(address, network, bits);
        }
        // A port in the list is ignored: the API server has one port only.
        let entry = match entry.rsplit_once(':') {
            Some((name, port))
                if !name.contains(':') && port.chars().all(|c| c.is_ascii_digit()) =>
            {
                name
            }
            _ => entry,
        };
        let entry = entry.trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase();
        host == entry || (address.is_none() && host.ends_with(&format!(".{entry}")))
    })
}

fn in_network(address: IpAddr, network: &str, bits: &str) -> bool {
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(bits)).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(bits)).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::choose;
    use super::is_excluded;

    #[test]
    fn the_list_is_read_as_go_reads_it() {
        assert!(is_excluded("10.99.0.2", "10.0.0.0/8"));
        assert!(!is_excluded("11.0.0.1", "10.0.0.0/8"));
        assert!(is_excluded("fd00::1", "fd00::/8"));
        assert!(is_excluded("api.example.org", ".example.org"));
        assert!(is_excluded("api.example.org", "example.org:6443"));
        assert!(!is_excluded("notexample.org", "example.org"));
        assert!(is_excluded("anything", "*"));
        assert!(is_excluded("127.0.0.1", ""));
        assert!(is_excluded("[::1]", ""));
        assert!(!is_excluded("10.1.2.3", "2.3"));
    }

    #[test]
    fn an_explicit_proxy_wins_over_the_environment() {
        let environment = |name: &str| (name == "HTTPS_PROXY").then(|| "http://env:1".to_owned());
        assert_eq!(
            choose(Some("socks5://own:2"), "h", &environment).unwrap().unwrap(),
            "socks5://own:2"
        );
        assert_eq!(choose(None, "h", &environment).unwrap().unwrap(), "http://env:1");
        assert!(choose(None, "localhost", &environment).unwrap().is_none());
    }

    #[test]
    fn a_bad_proxy_is_refused_without_showing_it() {
        let error = choose(Some("http://user:hunter2@bad host"), "h", &|_| None).unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }
}
