//! Schemas on the way of a request: what they refuse, and what detectors need not look at.
//!
//! The head is checked before its leaves are looked at, so that a pinned value costs no detector. The
//! leaves of a body with a schema go to the tape, and those that their schema pins wait; when all of it
//! is there it is validated. Of a valid body nobody looks at them, of another all are looked at.

mod body;
mod everyday;
mod explain;
mod findings;
mod leaves;
mod path;
mod schema_engine;

use super::announced;
use super::build::Engine;
use super::waiting::Waiting;
use crate::context::{RequestContext, Share};
use crate::finding::Finding;
use crate::input::{Head, Location};
use crate::rule::RuleMask;
use crate::schema::{BodyReader, Checked, Fact, Facts, Report, Selection};

pub(super) use schema_engine::SchemaEngine;

/// One request in the eyes of its schemas.
pub(super) struct Positive {
    selection: Selection,
    facts: Facts,
    /// Parameters of the path: the operation's name, and the framework's.
    renamed: Vec<(Box<str>, Box<str>)>,
    body: Body,
    /// Whether the body was judged by the head.
    is_judged: bool,
    /// Memory for it was asked for in vain, which is not told yet.
    has_run_out: bool,
    body_bytes: usize,
    /// Whether it is handed on unvalidated where it cannot be held.
    flows: bool,
    waiting: Waiting,
    share: Share,
    /// What was known of the values, and which rules looked at them, for `explain`.
    records: Option<Vec<(Location, Fact, RuleMask)>>,
}

enum Body {
    /// Nothing is to be checked, or no byte came yet.
    Free,
    /// Some of its leaves wait for its end.
    Reading(BodyReader),
    /// What is known of its leaves; those that wait are looked at now.
    Checked(Checked),
}

/// What one step may use besides its own state.
pub(super) struct Surroundings<'a> {
    pub(super) engine: &'a Engine,
    pub(super) context: &'a RequestContext,
    pub(super) found: &'a mut Vec<(usize, Finding)>,
}

impl Engine {
    /// What a check fills.
    fn report(&self) -> Report {
        Report::up_to(self.limits.schema_failures_max)
    }
}

impl Positive {
    /// The state of a request, where any schema counts for it.
    pub(super) fn new(engine: &Engine, context: &RequestContext, records: bool) -> Option<Box<Self>> {
        let schema = engine.schema.as_deref()?;
        if schema.all.shared(engine.policy.active(context.scope())).is_empty() {
            return None;
        }
        Some(Box::new(Self {
            selection: Selection::Unknown,
            facts: Facts::default(),
            renamed: Vec::new(),
            body: Body::Free,
            is_judged: false,
            has_run_out: false,
            body_bytes: 0,
            flows: false,
            waiting: Waiting::default(),
            share: context.share(),
            records: records.then(Vec::new),
        }))
    }

    /// Finds the operation, and checks all of the request but its body.
    pub(super) fn check_head(&mut self, around: &mut Surroundings<'_>) {
        let Some(schema) = around.engine.schema.as_deref() else { return };
        let head = around.context.head();
        self.selection = schema.schemas.select(head);
        if let Some(route) = head.route() {
            self.renamed = schema.schemas.renamed(self.selection, route);
        }
        let mut report = around.engine.report();
        schema.schemas.check_head(self.selection, head, &mut report);
        self.is_judged = announced::has_body(head);
        if self.is_judged {
            let hold_bytes_max = around.engine.limits.body_hold_bytes_max;
            announced::judge(&schema.schemas, self.selection, head, hold_bytes_max, &mut report);
        }
        self.facts = std::mem::take(&mut report.facts);
        self.take(schema, report, around);
    }

    /// Whether the body must be there whole before any of it is handed on.
    pub(super) fn wants_whole(&self, engine: &Engine, head: &Head) -> bool {
        let operation = engine.schema.as_deref().and_then(|schema| schema.schemas.operation(self.selection));
        let content_type = head.header("content-type").next();
        operation.is_some_and(|operation| operation.body(content_type).declared().is_some())
    }
    /// The template of the operation, for the names of what stands in the path.
    pub(super) fn template<'e>(&self, engine: &'e Engine) -> Option<&'e str> {
        let schema = engine.schema.as_deref()?;
        Some(&schema.schemas.operation(self.selection)?.operation().template)
    }
}
