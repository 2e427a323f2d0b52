//! What is copied of a request on its own path: nothing is encrypted or written here.

use super::Room;
use crate::context::Input;
use crate::input::Head;
use crate::policy::Verdict;
use crate::telemetry::event::About;

/// The evidence of one request, in clear.
pub(super) struct Case {
    pub(super) id: String,
    pub(super) head: Head,
    pub(super) route: Option<String>,
    pub(super) verdict: Verdict,
    pub(super) status: Option<u16>,
    pub(super) handler_ran: bool,
    pub(super) user: Option<String>,
    pub(super) config_version: u64,
    /// The values in which something was found.
    pub(super) inputs: Vec<Input>,
    pub(super) inputs_whole: bool,
    /// Whether credentials are kept.
    pub(super) secrets: bool,
    /// Its room in the queue; given back with it.
    _room: Room,
}

impl Case {
    /// None where there is no room for its values.
    pub(super) fn of(about: &About<'_>, mut room: Room) -> Option<Self> {
        let context = about.context;
        let mut inputs = context.inputs_found(about.verdict);
        for input in &mut inputs {
            if !room.grow(input.value.len()) {
                return None;
            }
            // A slice would keep all of its buffer.
            input.value = input.value.to_vec().into();
        }
        Some(Self {
            id: context.id().to_string(),
            head: context.head().clone(),
            route: context.route().map(str::to_owned),
            verdict: about.verdict.clone(),
            status: about.outcome.status,
            handler_ran: about.outcome.handler_ran,
            user: about.user.map(str::to_owned),
            config_version: about.config_version,
            inputs,
            inputs_whole: context.inputs_whole(),
            secrets: about.settings.evidence_secrets,
            _room: room,
        })
    }
}
