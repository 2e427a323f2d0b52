//! Any text as an OpenAPI document or a JSON Schema: it loads, or is refused, in bounded time and memory.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tower_rasp::fuzzing::check_document(data));
