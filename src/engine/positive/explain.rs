//! What schemas knew of a request, in words for `rasp explain`.

use super::Positive;
use super::everyday::EVERYDAY;
use crate::context::RequestContext;
use crate::engine::Engine;
use crate::input::{Leaf, Location, Place};
use crate::rule::RuleMask;
use crate::schema::{Fact, Selection};

impl Positive {
    /// The operation, for `explain`.
    pub(in crate::engine) fn operation(&self, engine: &Engine) -> String {
        let schema = engine.schema.as_deref();
        let operation = schema.and_then(|schema| schema.schemas.operation(self.selection));
        match self.selection {
            Selection::Operation(_) => operation
                .map(|operation| format!("{} {}", operation.operation().method, operation.operation().template))
                .unwrap_or_default(),
            Selection::Method(_) => "none for this method".to_owned(),
            Selection::Route => "none for this path".to_owned(),
            Selection::Unknown => "not known: servers differ on this path".to_owned(),
            Selection::Preflight => "none: a question of a browser before it asks (CORS)".to_owned(),
        }
    }

    /// What was known of a value, why, and which rules looked at it, for `explain`; none for what no schema
    /// could speak of.
    pub(in crate::engine) fn field(
        &self,
        location: &Location,
        around: (&Engine, &RequestContext),
    ) -> Option<(String, RuleMask)> {
        let (engine, context) = around;
        let schema = engine.schema.as_deref()?;
        let operation = schema.schemas.operation(self.selection)?;
        let content_type = context.head().header("content-type").next();
        let by = || {
            let own = self.own_name(location);
            operation.schema_of(location.place(), own.unwrap_or_else(|| location.name()), content_type)
        };
        let known = self.records.iter().flatten().find(|(known, ..)| known == location);
        let Some((_, fact, rules)) = known else {
            let is_value = *location == Location::of(&Leaf::value(location.place(), location.name(), b""));
            let why = match by() {
                Some(by) => format!("not pinned by {by}: every detector looks"),
                None => "named by no schema: every detector looks".to_owned(),
            };
            // Of the path as a whole, of the method and of most headers nobody says anything.
            let is_whole = matches!(location.place(), Place::Path | Place::Method) && location.name().is_empty();
            let is_header = matches!(location.place(), Place::Header | Place::Trailer);
            let is_silent = !is_value || is_whole || is_header && by().is_none();
            return (!is_silent).then(|| (why, *engine.policy.active(context.scope())));
        };
        let by = by().map_or_else(String::new, |by| format!(", by {by}"));
        let why = match (fact, rules.iter().count()) {
            (Fact::Pinned(word), _) => format!("no detector looks: {word}{by}"),
            (Fact::Plain(_), 0) => format!("no detector looks: pattern{by}"),
            (Fact::Plain(_), rules) => format!("pattern{by}: {rules} rules need no byte that it does not admit"),
            (Fact::Content(content), _) => {
                let everyday = EVERYDAY[*content as usize].1.join(", ");
                format!("declared as {content:?}{by}: {everyday} are everyday")
            }
        };
        Some((why, *rules))
    }

    /// The name that the operation gives to a parameter of the path.
    fn own_name(&self, location: &Location) -> Option<&[u8]> {
        let renamed = self.renamed.iter().find(|(_, theirs)| theirs.as_bytes() == location.name());
        renamed.filter(|_| location.place() == Place::Path).map(|(own, _)| own.as_bytes())
    }
}
