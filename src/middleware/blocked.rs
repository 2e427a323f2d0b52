//! The error by which a body says that its request was refused.

use std::error::Error;
use std::fmt;

use crate::context::RequestId;

/// The request was refused while its body was read, or its response sent.
///
/// A [`Body`](super::Body) ends with this error in place of the bytes that hold the attack. What
/// the service answers then does not matter: the layer answers in its place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Blocked {
    id: RequestId,
}

impl Blocked {
    pub(super) const fn new(id: RequestId) -> Self {
        Self { id }
    }

    /// The incident id that the client is shown.
    #[must_use]
    pub const fn id(&self) -> RequestId {
        self.id
    }

    /// Looks for it in an error and in what that was caused by: frameworks wrap the errors of
    /// bodies.
    #[must_use]
    pub fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(blocked) = error.downcast_ref() {
                return Some(blocked);
            }
            next = error.source();
        }
        None
    }
}

impl fmt::Display for Blocked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the request was refused (incident {})", self.id)
    }
}

impl fmt::Debug for Blocked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Blocked({})", self.id)
    }
}

impl Error for Blocked {}
