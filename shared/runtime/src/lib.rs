//! What every process needs: time, chance, secrets, configuration, logs and metrics, places, the
//! stream feed.

pub mod aws;
pub mod chance;
pub mod clock;
pub mod config;
pub mod deadline;
pub mod feed;
pub mod gateway;
pub mod metrics;
pub mod places;
pub mod secrets;
pub mod telemetry;
