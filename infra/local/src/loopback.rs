//! Who may talk to the local stack's own endpoints.
//!
//! Any web page in a browser on this machine can reach loopback, by a name of its own that
//! resolves to 127.0.0.1. Such a request names that host, and is refused.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::Response;

use crate::local_api::Problem;

/// Lets a request through only when it names a loopback host.
pub async fn only(request: Request, next: Next) -> Result<Response, Problem> {
    if names_loopback(request.headers()) {
        Ok(next.run(request).await)
    } else {
        Err(Problem::ForbiddenHost)
    }
}

fn names_loopback(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    host.to_str().is_ok_and(is_loopback)
}

fn is_loopback(host: &str) -> bool {
    let name_ends =
        if host.starts_with('[') { host.find(']').map(|at| at + 1) } else { host.find(':') };
    let (name, port) = host.split_at(name_ends.unwrap_or(host.len()));
    let port_fits = port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| digits.parse::<u16>().is_ok());
    let names = ["127.0.0.1", "localhost", "[::1]"];
    port_fits && names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_three_names_of_loopback_pass_with_any_port() {
        for host in
            ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "LOCALHOST", "[::1]", "[::1]:8080"]
        {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            ":8080",
            "example.org",
            "127.0.0.1.example.org",
            "localhost.:80",
            "127.0.0.1:",
            "127.0.0.1:99999",
            "127.0.0.1:80:80",
            "[::1",
            "[::1]x",
            "::1",
            "0.0.0.0",
            "localhost@x",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
