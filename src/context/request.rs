//! The context of one request.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;

use bytes::Bytes;

use super::budget::{Budget, Share};
use super::inputs::{Input, Inputs};
use super::refusal::Refusal;
use crate::decode::DecodeLimits;
use crate::finding::Finding;
use crate::input::{Cause, Completeness, Head, Leaf};
use crate::policy::{Scope, Verdict};

/// The id of one request: what a refused client is shown, and what every signal carries.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(u64);

impl RequestId {
    fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        Self(COUNT.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Most ids are never shown, so the part that nobody can guess is made here.
        static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        let number = u128::from(SEED.hash_one(self.0)) << 32 | u128::from(self.0 as u32);
        // 24 hexadecimal digits, the first of them first: `write!` takes three times as long, for each span.
        let digits: [u8; 24] =
            std::array::from_fn(|place| b"0123456789abcdef"[(number >> (92 - 4 * place)) as usize & 15]);
        formatter.write_str(std::str::from_utf8(&digits).unwrap_or_default())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RequestId({self})")
    }
}

/// What one request leaves behind for others.
pub struct RequestContext {
    id: RequestId,
    head: Head,
    scope: Scope,
    /// The bytes of the head, which are held in any case.
    share: Share,
    limits: DecodeLimits,
    inputs: Mutex<Inputs>,
    findings: Mutex<Vec<(usize, Finding)>>,
    /// Whether there is any: nearly always not, and then nobody takes the lock.
    found: AtomicBool,
    completeness: AtomicU16,
    #[cfg_attr(not(any(feature = "otel", feature = "metrics")), allow(dead_code, reason = "metrics show it"))]
    schema_steps: AtomicU64,
    refusal: Refusal,
    head_verdict: OnceLock<Verdict>,
    verdict: OnceLock<Arc<Verdict>>,
}

/// A lock whose holder panicked is as good as before: each holder only appends.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RequestContext {
    pub(crate) fn new(
        head: Head,
        scope: Scope,
        budget: &Arc<Budget>,
        limits: DecodeLimits,
        inputs_bytes_max: usize,
    ) -> Self {
        let mut share = Share::new(Arc::clone(budget));
        share.hold(head.bytes().len());
        Self {
            id: RequestId::new(),
            head,
            scope,
            share,
            limits,
            inputs: Mutex::new(Inputs::new(inputs_bytes_max)),
            findings: Mutex::new(Vec::new()),
            found: AtomicBool::new(false),
            completeness: AtomicU16::new(0),
            schema_steps: AtomicU64::new(0),
            refusal: Refusal::default(),
            head_verdict: OnceLock::new(),
            verdict: OnceLock::new(),
        }
    }

    /// The id that the client is shown when it is refused.
    #[must_use]
    pub const fn id(&self) -> RequestId {
        self.id
    }

    /// The head of the request.
    #[must_use]
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// The matched template, when it is known.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        self.scope.template(&self.head)
    }

    pub(crate) const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Adds work that schemas did.
    #[cfg(feature = "schema")]
    pub(crate) fn add_schema_steps(&self, steps: u64) {
        self.schema_steps.fetch_add(steps, Ordering::Relaxed);
    }

    /// The work that schemas did for this request.
    #[cfg(any(feature = "otel", feature = "metrics"))]
    pub(crate) fn schema_steps(&self) -> u64 {
        self.schema_steps.load(Ordering::Relaxed)
    }

    /// An empty share of the memory that this request may hold bytes in.
    pub(crate) fn share(&self) -> Share {
        self.share.another()
    }

    /// Whether the memory is this one: it outlives every reload, and so tells whose request it is.
    pub(crate) fn draws_on(&self, budget: &Arc<Budget>) -> bool {
        self.share.is_of(budget)
    }

    /// What was found so far.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        lock(&self.findings).iter().map(|(_, finding)| finding.clone()).collect()
    }

    pub(crate) fn with_findings<T>(&self, read: impl FnOnce(&[(usize, Finding)]) -> T) -> T {
        if self.found.load(Ordering::Acquire) { read(&lock(&self.findings)) } else { read(&[]) }
    }

    /// Whether anything was found so far, or is incomplete.
    pub(crate) fn has_something(&self) -> bool {
        !self.completeness().is_whole() || self.with_findings(|findings| !findings.is_empty())
    }

    pub(crate) fn append(&self, found: &mut Vec<(usize, Finding)>) {
        let mut findings = lock(&self.findings);
        findings.append(found);
        self.found.store(!findings.is_empty(), Ordering::Release);
    }

    /// What was not inspected so far.
    #[must_use]
    pub fn completeness(&self) -> Completeness {
        Completeness::from_bits(self.completeness.load(Ordering::Relaxed))
    }

    pub(crate) fn add_cause(&self, cause: Cause) {
        let mut one = Completeness::WHOLE;
        one.insert(cause);
        self.completeness.fetch_or(one.bits(), Ordering::Relaxed);
    }

    /// The decoded inputs of the head, and those of the body that were kept, for guards at sinks.
    #[must_use]
    pub fn inputs(&self) -> Vec<Input> {
        self.inputs_where(|_| true)
    }

    /// Those of them that are wanted, by where they stand.
    pub(crate) fn inputs_where(&self, wanted: impl Fn(&Leaf<'_>) -> bool) -> Vec<Input> {
        lock(&self.inputs).matching(&self.head, &self.limits, wanted)
    }

    /// Those of them in which something was found.
    pub(crate) fn inputs_found(&self, verdict: &Verdict) -> Vec<Input> {
        let mut found: Vec<Leaf<'_>> =
            verdict.findings.iter().map(|judged| judged.finding.location.leaf(b"")).collect();
        found.dedup_by(|one, other| one.stands_with(other));
        self.inputs_where(|leaf| found.iter().any(|one| one.stands_with(leaf)))
    }

    /// Whether every input of the body was kept; false when a limit or the budget dropped some.
    #[must_use]
    pub fn inputs_whole(&self) -> bool {
        lock(&self.inputs).whole()
    }

    /// What keeps the leaves that are read from `source`.
    pub(crate) fn keeper<'a>(&'a self, source: &'a Bytes) -> Keeper<'a> {
        let mut inputs = lock(&self.inputs);
        inputs.begin_source(&self.share);
        Keeper { inputs, source }
    }

    /// Whether the request was refused, by its head, its body or a guard.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refusal.is_set()
    }

    /// Refuses the request: the layer answers in place of the service, if that has not begun to.
    pub(crate) fn refuse(&self) {
        self.refusal.set();
    }

    pub(crate) fn register_refusal_waker(&self, waker: &Waker) {
        self.refusal.register(waker);
    }

    /// The verdict over the head alone; there from the moment a handler can look.
    #[must_use]
    pub fn head_verdict(&self) -> Option<&Verdict> {
        Some(self.head_verdict.get_or_init(|| Verdict::pass(self.scope.mode())))
    }

    /// Keeps the verdict over the head. One in which nothing was found is made when it is asked for.
    pub(crate) fn set_head_verdict(&self, verdict: Verdict) {
        // Set once, by the engine.
        let _ = self.head_verdict.set(verdict);
    }

    /// The final verdict, once the response is done.
    #[must_use]
    pub fn verdict(&self) -> Option<&Arc<Verdict>> {
        self.verdict.get()
    }

    /// Fixes the final verdict, the first time only; answers it, and whether this call fixed it.
    pub(crate) fn conclude(&self, judge: impl FnOnce() -> Verdict) -> (Arc<Verdict>, bool) {
        let mut first = false;
        let verdict = self.verdict.get_or_init(|| {
            first = true;
            Arc::new(judge())
        });
        (Arc::clone(verdict), first)
    }
}

/// Keeps the leaves of one buffer. It has the inputs to itself as long as it lives.
pub(crate) struct Keeper<'a> {
    inputs: MutexGuard<'a, Inputs>,
    source: &'a Bytes,
}

impl Keeper<'_> {
    pub(crate) fn keep(&mut self, leaf: &Leaf<'_>) {
        self.inputs.keep(leaf, self.source);
    }
}

impl fmt::Debug for RequestContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RequestContext")
            .field("id", &self.id)
            .field("head", &self.head)
            .field("completeness", &self.completeness())
            .field("refused", &self.is_refused())
            .finish_non_exhaustive()
    }
}
