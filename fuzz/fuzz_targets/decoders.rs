//! The decoders on any bytes: any chunking gives the leaves of one chunk.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tower_rasp::fuzzing::check_decoders(data));
