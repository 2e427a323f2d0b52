//! The body of a request: held until its schema has judged it, or given up.

use super::schema_engine::SchemaEngine;
use super::{Body, Positive, Surroundings};
use crate::engine::announced;
use crate::engine::waiting::Waiting;
use crate::input::Cause;
use crate::schema::{BodyCheck, Checked, CompiledOperation, Failure, Keyword, Reading, Report};

impl Positive {
    /// Bytes of the body come next. Past what can be held its leaves wait no longer.
    pub(in crate::engine) fn expect(&mut self, bytes: &[u8], around: &mut Surroundings<'_>) {
        let Some(schema) = around.engine.schema.as_deref().filter(|_| !bytes.is_empty()) else { return };
        let mut report = around.engine.report();
        if self.body_bytes == 0 {
            self.begin_body(schema, around, &mut report);
        }
        self.body_bytes = self.body_bytes.saturating_add(bytes.len());
        if matches!(self.body, Body::Reading(_)) {
            let operation = schema.schemas.operation(self.selection);
            if self.body_bytes > around.engine.limits.body_hold_bytes_max {
                self.give_up();
                if !self.flows {
                    around.context.add_cause(Cause::Limit);
                    report.failures.extend(operation.map(|operation| operation.body_too_large()));
                }
            } else if let Body::Reading(reader) = &mut self.body {
                reader.chunk(bytes);
                self.waiting.chunk(bytes);
            }
        }
        self.take(schema, report, around);
    }

    pub(super) fn begin_body(&mut self, schema: &SchemaEngine, around: &Surroundings<'_>, report: &mut Report) {
        let (head, hold_bytes_max) = (around.context.head(), around.engine.limits.body_hold_bytes_max);
        let told = report.failures.len();
        let declared = announced::judge(&schema.schemas, self.selection, head, hold_bytes_max, report);
        if self.is_judged {
            report.failures.truncate(told);
        }
        if let (Some(declared), Some(operation)) = (declared, schema.schemas.operation(self.selection)) {
            self.flows = declared.flows();
            self.body = Body::Reading(operation.reader(declared));
        }
    }

    /// Settles what is held with the memory of all requests; without that the body is not validated.
    pub(in crate::engine) fn settle(&mut self, around: &mut Surroundings<'_>) {
        if let Body::Reading(reader) = &self.body
            && !self.share.cover(reader.bytes() + self.waiting.bytes())
        {
            around.context.add_cause(Cause::Budget);
            self.run_out();
        }
        self.tell_run_out(around);
    }

    /// The body cannot be held, and would be handed on before it was validated.
    pub(in crate::engine) fn unheld(&mut self, around: &mut Surroundings<'_>) {
        self.run_out();
        self.tell_run_out(around);
    }

    /// There is no memory for the rest of the body.
    pub(in crate::engine) fn run_out(&mut self) {
        self.has_run_out |= matches!(self.body, Body::Reading(_)) && !self.flows;
        self.give_up();
    }

    pub(super) fn tell_run_out(&mut self, around: &mut Surroundings<'_>) {
        let Some(schema) = around.engine.schema.as_deref() else { return };
        if std::mem::take(&mut self.has_run_out) {
            let mut report = around.engine.report();
            report.failures.extend(schema.schemas.operation(self.selection).map(no_memory));
            self.take(schema, report, around);
        }
    }

    /// The body is not validated: what waits of it is looked at without knowing anything.
    pub(super) fn give_up(&mut self) {
        if matches!(self.body, Body::Reading(_)) {
            self.body = Body::Checked(Checked::default());
            self.forget(false);
        }
    }

    /// The bytes are not held for leaves that nobody need look at.
    pub(super) fn forget(&mut self, is_valid: bool) {
        if !self.waiting.is_needed(!is_valid || self.records.is_some()) {
            self.waiting = Waiting::default();
        }
        self.share.cover(self.waiting.bytes());
    }

    /// All of the body came.
    pub(in crate::engine) fn check_body(&mut self, around: &mut Surroundings<'_>) {
        let Some(schema) = around.engine.schema.as_deref() else { return };
        let Some(operation) = schema.schemas.operation(self.selection) else { return };
        let mut report = around.engine.report();
        let content_type = around.context.head().header("content-type").next();
        if self.body_bytes == 0 {
            match operation.body(content_type) {
                body if !may_be_empty(&body, content_type) => report.failures.extend(operation.missing_body()),
                BodyCheck::Schema(body) if operation.operation().body_required => {
                    operation.check_body(body, operation.reader(body), &mut report);
                }
                _ => {}
            }
        }
        // Should the check panic, what waits is looked at all the same.
        if let Body::Reading(reader) = std::mem::replace(&mut self.body, Body::Checked(Checked::default()))
            && let Some(declared) = operation.body(content_type).declared()
        {
            let checked = operation.check_body(declared, reader, &mut report);
            self.forget(checked.is_valid());
            self.body = Body::Checked(checked);
        }
        self.take(schema, report, around);
    }
}

fn no_memory(operation: &CompiledOperation) -> Failure {
    operation.failure(Keyword::NoMemory, "there is no memory left to hold the body until it is validated")
}

/// Whether nothing at all is a body of this type: a form without fields, an empty text or file. What must stand in it
/// its schema says.
fn may_be_empty(body: &BodyCheck<'_>, content_type: Option<&[u8]>) -> bool {
    let is_json = |content_type: &[u8]| content_type.windows(4).any(|word| word.eq_ignore_ascii_case(b"json"));
    match body {
        BodyCheck::Schema(body) => content_type.is_some() && matches!(body.reading(), Reading::Form | Reading::Text),
        BodyCheck::Free => content_type.is_some_and(|content_type| !is_json(content_type)),
        _ => false,
    }
}
