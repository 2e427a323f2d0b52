//! The head of a request: what is read from it, and what is told each time that it comes.

use tower_rasp::{Action, Head, Inspection, Rasp};

#[test]
fn the_inputs_of_a_head_are_read_from_it_however_often_its_headers_came() {
    let head = || {
        Head::builder(b"GET", b"/a%20b/c", Some(b"q=red+shoes&empty="))
            .header(b"user-agent", b"someone")
            .header(b"cookie", b"sid=4f1c; theme=\"dark\"")
            .build()
    };
    let engine = Rasp::default().engine();
    for _ in 0..2 {
        let inspection = Inspection::head(engine.clone(), head());
        let inputs = inspection.context().inputs();
        let shown = inputs.iter().map(|input| format!("{} {}", input.location, input.value.escape_ascii()));
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                "method GET",
                "path /a%20b/c",
                "path a b",
                "path c",
                "query.q red shoes",
                "header.user-agent someone",
                "cookie.sid 4f1c",
                "cookie.theme \\\"dark\\\"",
                "cookie.theme dark",
            ]
        );
    }
}

#[test]
fn what_a_header_tells_is_told_each_time() {
    let engine = Rasp::default().engine();
    let head = |cookie: &str| Head::builder(b"GET", b"/", None).header(b"cookie", cookie.as_bytes()).build();
    let many = "a=1;".repeat(500);
    for (cookie, action) in [("a=x' UNION SELECT password FROM users--", Action::Block), (&many, Action::Pass)] {
        for _ in 0..3 {
            assert_eq!(Inspection::head(engine.clone(), head(cookie)).action(), action);
        }
    }
    let few = Rasp::builder().config_text("[limits]\nleaves_max = 16").build().expect("a configuration").engine();
    for cookie in ["a=1", &many, "a=1", &many] {
        let whole = Inspection::head(few.clone(), head(cookie)).context().completeness().is_whole();
        assert_eq!(whole, cookie.len() < 10, "{cookie}");
    }
}

#[test]
fn what_a_document_in_a_value_holds_is_inspected_as_values_of_their_own() {
    let engine = Rasp::default().engine();
    for (value, action, findings) in [
        (r#"{"q":"admin'--"}"#, Action::Block, 1),
        (r#"{"a":[{"path":"../../etc/passwd"}]}"#, Action::Block, 1),
        (r#"["1 or 1=1","1 or 1=1"]"#, Action::Block, 1),
        (r#"{"q":"it's fine -- really","path":"a/b","n":[1,2]}"#, Action::Pass, 0),
        (r#"{"filter":{"age":{"gt":18}},"order":"name desc"}"#, Action::Pass, 0),
    ] {
        let query: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let head = Head::builder(b"GET", b"/", Some(format!("filter={query}").as_bytes())).build();
        let inspection = Inspection::head(engine.clone(), head);
        assert_eq!(inspection.action(), action, "{value}");
        let context = inspection.context();
        assert_eq!(
            context.findings().iter().filter(|found| found.location.to_string() == "query.filter").count(),
            findings,
            "{value}"
        );
    }
}
