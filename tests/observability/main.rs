//! The signals in real components: Prometheus, Alertmanager, OTLP receivers, and the files of
//! `examples/observability/` in the programs that load them.
//!
//! Where a program is absent its tests say so on standard error and end; with `RASP_REAL=1` they
//! fail. `.ci/run` installs the programs: Debian's and those of a virtual environment, linked to
//! `target/tools/bin`.

#[cfg(unix)]
mod alerts;
#[cfg(unix)]
mod complete;
#[cfg(unix)]
mod dashboard;
mod files;
#[cfg(unix)]
mod flood;
#[cfg(unix)]
mod hanging;
#[cfg(unix)]
mod otlp;
mod programs;
mod registry;
#[cfg(unix)]
mod service;
