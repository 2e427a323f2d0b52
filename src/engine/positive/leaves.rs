//! Leaves on their way to the detectors: what schemas know of them decides which rules look.

use super::schema_engine::SchemaEngine;
use super::{Body, Positive};
use crate::decode::{self, DecodeLimits, Sink};
use crate::engine::Engine;
use crate::engine::head::HeadSink;
use crate::engine::sink::LeafSink;
use crate::input::{Aspect, Cause, Header, Leaf, Location, Mark, Notice, Place};
use crate::schema::{Fact, Prospect};

impl Positive {
    /// The sink through which leaves come to the schema first.
    pub(in crate::engine) fn sink<'a, 'b>(
        &'a mut self,
        engine: &'a Engine,
        inner: &'a mut LeafSink<'b>,
    ) -> Option<impl HeadSink + use<'a, 'b>> {
        let schema = engine.schema.as_deref()?;
        Some(SchemaSink { inner, positive: self, schema })
    }

    /// What is known of a value of the head.
    fn fact(&self, leaf: &Leaf<'_>) -> Option<Fact> {
        if leaf.aspect != Aspect::Value {
            return None;
        }
        let renamed = self.renamed.iter().find(|(_, theirs)| theirs.as_bytes() == leaf.name);
        let own = renamed.filter(|_| leaf.place == Place::Path).map(|(own, _)| own.as_bytes());
        self.facts.of(leaf.place, own.unwrap_or(leaf.name))
    }

    /// Looks at a leaf of which so much is known.
    fn look(&mut self, leaf: &Leaf<'_>, fact: Option<Fact>, schema: &SchemaEngine, sink: &mut LeafSink<'_>) {
        let Some(fact) = fact else { return sink.look(leaf, sink.active) };
        let rules = schema.rules_for(fact, sink.active);
        if let Some(records) = &mut self.records {
            records.push((Location::of(leaf), fact, rules));
        }
        if !rules.is_empty() {
            sink.look(leaf, &rules);
        }
    }

    /// Looks at what can be looked at of a leaf of the body before the end of it.
    fn look_early(&mut self, leaf: &Leaf<'_>, schema: &SchemaEngine, sink: &mut LeafSink<'_>) {
        let Body::Reading(reader) = &mut self.body else { return sink.look(leaf, sink.active) };
        let prospect = reader.leaf(leaf);
        self.waiting.leaf(prospect);
        match prospect {
            Prospect::Nothing => sink.look(leaf, sink.active),
            Prospect::Fact(fact) => {
                let rules = schema.rules_for(fact, sink.active);
                if !rules.is_empty() {
                    sink.look(leaf, &rules);
                }
            }
            Prospect::Later(_) => {}
        }
    }

    /// Looks at the rest.
    fn look_again(&mut self, leaf: &Leaf<'_>, prospect: Prospect, schema: &SchemaEngine, sink: &mut LeafSink<'_>) {
        let Body::Checked(checked) = &self.body else { return };
        let fact = checked.fact(prospect, leaf.aspect);
        match (prospect, fact) {
            (Prospect::Nothing, _) => {}
            (Prospect::Fact(_), Some(fact)) => {
                if let Some(records) = &mut self.records {
                    records.push((Location::of(leaf), fact, schema.rules_for(fact, sink.active)));
                }
            }
            // It was looked at as if that held.
            (Prospect::Fact(fact), None) => {
                sink.look(leaf, &sink.active.without(&schema.rules_for(fact, sink.active)));
            }
            (Prospect::Later(_), _) => self.look(leaf, fact, schema, sink),
        }
    }

    /// Whether leaves wait that can be looked at now.
    pub(in crate::engine) const fn waits(&self) -> bool {
        matches!(self.body, Body::Checked(_)) && !self.waiting.is_empty()
    }

    /// Looks at what waits, about so many bytes of it.
    pub(in crate::engine) fn drain(&mut self, bytes: usize, sink: &mut LeafSink<'_>, engine: &Engine) {
        let Some(schema) = engine.schema.as_deref() else { return };
        let (head, limits) = (sink.context.head(), engine.limits.decode());
        // Should a detector panic, nothing waits any more.
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut read = 0;
        while read < bytes && !waiting.is_empty() {
            read += waiting.read_again(head, &limits, &mut |leaf, prospect| {
                self.look_again(leaf, prospect, schema, sink);
            });
        }
        if waiting.is_empty() {
            self.share.cover(0);
        }
        self.waiting = waiting;
    }
}

/// Takes the place of the sink that inspects, where schemas count.
struct SchemaSink<'a, 'b> {
    inner: &'a mut LeafSink<'b>,
    positive: &'a mut Positive,
    schema: &'a SchemaEngine,
}

impl HeadSink for SchemaSink<'_, '_> {
    /// A header of which something is known is not looked at, and so not remembered as clean.
    fn header(&mut self, header: &Header<'_>, limits: &DecodeLimits) {
        if self.positive.facts.speak_of(header.name) {
            decode::header(header, limits, self);
        } else {
            self.inner.header(header, limits);
        }
    }
}

impl Sink for SchemaSink<'_, '_> {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        self.inner.keep(&leaf);
        if let Some(aside) = self.positive.set_aside(&leaf, self.schema, self.inner.active) {
            for (leaf, rules) in aside.leaves().into_iter().filter(|(_, rules)| !rules.is_empty()) {
                self.inner.look(&leaf, rules);
            }
        } else if matches!(leaf.place, Place::Path | Place::Query | Place::Header | Place::Cookie) {
            let fact = self.positive.fact(&leaf);
            self.positive.look(&leaf, fact, self.schema, self.inner);
        } else {
            self.positive.look_early(&leaf, self.schema, self.inner);
        }
    }

    fn incomplete(&mut self, cause: Cause) {
        self.inner.incomplete(cause);
        if let Body::Reading(reader) = &mut self.positive.body {
            reader.incomplete(cause);
        }
    }

    // A schema goes by the document itself, which is whole.
    fn location_cut(&mut self) {
        self.inner.location_cut();
    }

    fn notice(&mut self, notice: Notice) {
        self.inner.notice(notice);
        if let Body::Reading(reader) = &mut self.positive.body {
            reader.notice(notice);
        }
    }

    fn structure(&mut self, mark: Mark) {
        if let Body::Reading(reader) = &mut self.positive.body {
            reader.structure(mark);
        }
    }
}
