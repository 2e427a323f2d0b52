//! Inputs that once broke the push core, replayed.

#[path = "../fuzz/check_core.rs"]
mod check_core;

#[test]
fn inputs_that_broke_the_core_once_do_not_again() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions/core");
    let entries: Vec<_> = std::fs::read_dir(folder).expect("the folder").collect();
    assert!(!entries.is_empty());
    for entry in entries {
        let path = entry.expect("an entry").path();
        eprintln!("{}", path.display());
        check_core::check(&std::fs::read(&path).expect("a file"));
    }
}
