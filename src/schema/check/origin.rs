//! Which schema speaks of a location, for people: a shape knows where it was written.

use super::BodyCheck;
use crate::input::Place;
use crate::schema::compile::CompiledOperation;
use crate::schema::shape::ShapeId;

impl CompiledOperation {
    /// File and pointer of the schema of a value, where one speaks of it; of what is within a combination of
    /// schemas the nearest above it that stands alone.
    #[must_use]
    pub fn schema_of(&self, place: Place, name: &[u8], content_type: Option<&[u8]>) -> Option<&str> {
        let name = std::str::from_utf8(name).ok()?;
        match place {
            Place::Path | Place::Query | Place::Header | Place::Cookie => {
                let mut parameters = self.operation.parameters.iter().zip(&self.parameters);
                let is_it = |own: &str| match place {
                    // Members of an object stand apart: `color[r]`.
                    Place::Query => own == name || name.strip_prefix(own).is_some_and(|rest| rest.starts_with('[')),
                    _ => own.eq_ignore_ascii_case(name),
                };
                let (_, check) = parameters.find(|(own, _)| own.place == place && is_it(&own.name))?;
                self.shapes.get(check.as_ref()?.shape).origin.as_deref()
            }
            Place::Body => self.within(content_type, name.split('/').skip(1)),
            Place::Form | Place::Part | Place::File => self.within(content_type, std::iter::once(name)),
            _ => None,
        }
    }

    /// Down the shape of the body, a step a token.
    fn within<'t>(&self, content_type: Option<&[u8]>, tokens: impl Iterator<Item = &'t str>) -> Option<&str> {
        let BodyCheck::Schema(body) = self.body(content_type) else { return None };
        let mut shape = self.shapes.get(body.check.as_ref()?.shape);
        let mut origin = shape.origin.as_deref();
        for token in tokens {
            let step = |token: &str| -> Option<ShapeId> {
                let token = token.replace("~1", "/").replace("~0", "~");
                shape
                    .property(token.as_bytes())
                    .or(shape.items.filter(|_| token.parse::<usize>().is_ok()))
                    .or(shape.others())
            };
            shape = self.shapes.get(step(token)?);
            origin = shape.origin.as_deref().or(origin);
        }
        origin
    }
}
