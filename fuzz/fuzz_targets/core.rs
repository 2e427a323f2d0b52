//! The whole push core on any bytes: any chunking gives the verdict of one chunk, and so does
//! the engine without gate and prefilter.
#![no_main]

#[path = "../check_core.rs"]
mod check_core;

libfuzzer_sys::fuzz_target!(|data: &[u8]| check_core::check(data));
