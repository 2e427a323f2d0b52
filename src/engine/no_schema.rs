//! In the place of `positive` where schemas are not compiled in: there are none.

use super::build::Engine;
use super::sink::LeafSink;
use crate::context::RequestContext;
use crate::finding::Finding;
use crate::input::{Head, Location};
use crate::rule::RuleMask;

/// There is none.
pub(super) enum SchemaEngine {}

/// There is none.
pub(super) enum Positive {}

pub(super) struct Surroundings<'a> {
    pub(super) engine: &'a Engine,
    pub(super) context: &'a RequestContext,
    pub(super) found: &'a mut Vec<(usize, Finding)>,
}

impl Positive {
    pub(super) const fn new(_: &Engine, _: &RequestContext, _: bool) -> Option<Box<Self>> {
        None
    }

    pub(super) fn sink<'b>(&mut self, _: &Engine, _: &mut LeafSink<'b>) -> Option<LeafSink<'b>> {
        match *self {}
    }

    pub(super) fn check_head(&mut self, _: &mut Surroundings<'_>) {
        match *self {}
    }

    pub(super) fn template<'e>(&self, _: &'e Engine) -> Option<&'e str> {
        match *self {}
    }

    pub(super) fn expect(&mut self, _: &[u8], _: &mut Surroundings<'_>) {
        match *self {}
    }

    pub(super) fn settle(&mut self, _: &mut Surroundings<'_>) {
        match *self {}
    }

    pub(super) const fn run_out(&mut self) {
        match *self {}
    }

    pub(super) fn unheld(&mut self, _: &mut Surroundings<'_>) {
        match *self {}
    }

    pub(super) fn wants_whole(&self, _: &Engine, _: &Head) -> bool {
        match *self {}
    }

    pub(super) fn check_body(&mut self, _: &mut Surroundings<'_>) {
        match *self {}
    }

    pub(super) const fn waits(&self) -> bool {
        match *self {}
    }

    pub(super) fn drain(&mut self, _: usize, _: &mut LeafSink<'_>, _: &Engine) {
        match *self {}
    }

    pub(super) fn operation(&self, _: &Engine) -> String {
        match *self {}
    }

    pub(super) fn field(&self, _: &Location, _: (&Engine, &RequestContext)) -> Option<(String, RuleMask)> {
        match *self {}
    }
}
