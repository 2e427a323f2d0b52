//! Which template a request belongs to.

use crate::build_error::BuildError;
use crate::input::Head;

/// The templates that the configuration names.
#[derive(Default)]
pub(super) struct Templates {
    router: matchit::Router<String>,
    known: Vec<String>,
}

impl Templates {
    /// Adds a template once; one that collides with another is an error.
    pub(super) fn insert(&mut self, template: &str, line: usize) -> Result<(), BuildError> {
        if self.known.iter().any(|known| known == template) {
            return Ok(());
        }
        self.known.push(template.to_owned());
        let name = template.escape_debug();
        self.router.insert(template, template.to_owned()).map_err(|error| match error {
            matchit::InsertError::Conflict { with } => {
                BuildError::new(format!("route `{name}` fits the same paths as `{with}`"))
                    .at_line(line)
                    .mend("write both with the same parameters")
            }
            error => BuildError::new(format!("route `{name}` is no template: {error}"))
                .at_line(line)
                .mend("write it as the framework does: `/posts/{id}`, `/files/{*path}`"),
        })
    }

    /// The template of a request: the framework's where it gave one, and nothing else. Without
    /// one the raw path decides, if every server would read it in the same way.
    pub(super) fn of<'a>(&'a self, head: &'a Head) -> Option<&'a str> {
        if let Some(route) = head.route() {
            return Some(route);
        }
        if self.known.is_empty() {
            return None;
        }
        let path = std::str::from_utf8(head.path()).ok().filter(|_| head.has_plain_path())?;
        self.router.at(path).ok().map(|found| found.value.as_str())
    }
}
