//! Listening on loopback, and only there.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use crate::settings::StartError;

/// Listens on a port of 127.0.0.1 (0 chooses a free one), and says under which address.
pub(super) async fn bind(port: u16) -> Result<(TcpListener, String), StartError> {
    let failed = |source: io::Error| {
        if source.kind() == io::ErrorKind::AddrInUse {
            StartError::PortTaken(port)
        } else {
            StartError::Listen { port, source }
        }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, format!("http://{address}")))
}

/// Serves until `end`, and then until the requests under way are answered.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // Small answers must not wait for the acknowledgement of earlier ones.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(end).await
}
