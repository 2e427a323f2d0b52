use super::form::query;
use super::*;

fn form() -> Decoder {
    Decoder::Form(Form::new(Place::Form, &DecodeLimits::default()))
}

#[test]
fn pairs_are_read_as_forms_are() {
    check(
        form,
        &[
            ("a pair is a name and a value", b"a=1", &["form.name a=a", "form a=1"]),
            ("a name alone has an empty value", b"a", &["form.name a=a", "form a="]),
            ("a value may have no name", b"=1", &["form.name =", "form =1"]),
            ("empty pairs are none", b"&&a=1&", &["form.name a=a", "form a=1"]),
            ("a second equals sign belongs to the value", b"a=b=c", &["form.name a=a", "form a=b=c"]),
            ("plus is a space and %2B is a plus", b"a+b=c+%2B", &["form.name a b=a b", "form a b=c +"]),
            (
                "an incomplete escape is kept",
                b"a=%&b=%4&c=%zz",
                &["form.name a=a", "form a=%", "form.name b=b", "form b=%4", "form.name c=c", "form c=%zz"],
            ),
            ("an escape after an incomplete one counts", b"a=%%41%4%42", &["form.name a=a", "form a=%A%4B"]),
            ("bytes that are no UTF-8 stay", b"%ff=%00\xfe", &["form.name \\xff=\\xff", "form \\xff=\\x00\\xfe"]),
            ("a semicolon separates nothing", b"a=1;b=2", &["form.name a=a", "form a=1;b=2"]),
            ("what is escaped does not separate", b"a%3Db=1%262", &["form.name a=b=a=b", "form a=b=1&2"]),
        ],
    );
}

#[test]
fn past_the_limit_the_rest_is_text_and_said_so_once() {
    let told = read(|| Decoder::Form(Form::new(Place::Form, &SMALL)), b"a=1&b=2&c=3&d=%34&e=5", &[2]);
    assert_eq!(told.causes, [Cause::Limit]);
    assert_eq!(told.lines().last().map(String::as_str), Some("body =d=%34&e=5"));
    assert_eq!(told.leaves.len(), 7);
}

#[test]
fn the_rest_of_a_query_stands_in_the_query() {
    let mut told = Told::default();
    query(b"a&b&c&d", Place::Query, &SMALL, &mut told);
    assert_eq!(told.lines().last().map(String::as_str), Some("query =d"));
}

#[test]
fn a_large_name_is_read_whole_and_cut_as_a_location() {
    let name = [b"%41".as_slice(), &[b'n'; 200]].concat();
    let body = [&name, b"=v".as_slice()].concat();
    let told = read(|| Decoder::Form(Form::new(Place::Form, &SMALL)), &body, &[50]);
    let names: Vec<_> =
        told.leaves.iter().filter(|leaf| leaf.aspect == ".name").map(|leaf| leaf.value.clone()).collect();
    assert_eq!(names, windows(&[b"A".as_slice(), &[b'n'; 200]].concat(), &SMALL));
    assert!(told.leaves.iter().all(|leaf| leaf.name == b"Annnnnnnnnnnnnnn"), "{told:?}");
}

#[test]
fn a_million_parameters_are_read_in_linear_time() {
    for count in [10_000, 1_000_000] {
        let body = b"a=1&".repeat(count);
        let mut sink = Count::default();
        query(&body, Place::Form, &DecodeLimits::default(), &mut sink);
        assert_eq!(sink.causes.first(), (count > 50_000).then_some(&Cause::Limit));
        assert!(sink.bytes >= 2 * count, "all of it is seen");
    }
}

proptest! {
    #[test]
    fn a_query_at_hand_whole_is_read_as_a_form_that_comes_in_chunks(
        body in prop::collection::vec(prop::sample::select(b"aaab=&&%+;4f1\xff".to_vec()), 0..300),
        sizes in sizes(),
    ) {
        let told = read(|| Decoder::Form(Form::new(Place::Query, &SMALL)), &body, &sizes);
        let mut at_once = Told::default();
        query(&body, Place::Query, &SMALL, &mut at_once);
        prop_assert_eq!(told.lines(), at_once.lines());
        prop_assert_eq!(told.causes, at_once.causes);
    }

    #[test]
    fn pairs_are_those_of_form_urlencoded(
        body in prop::collection::vec(prop::sample::select(b"ab=&%+;4f1zG\xff\xc3\xa9 ".to_vec()), 0..80),
        sizes in sizes(),
    ) {
        let told = read(form, &body, &sizes);
        let ours: Vec<(String, String)> = told.leaves.chunks(2).map(|pair| {
            prop_assert_eq!(&pair[0].name, &pair[0].value);
            prop_assert_eq!(&pair[0].name, &pair[1].name);
            let text = |leaf: &Owned| String::from_utf8_lossy(&leaf.value).into_owned();
            Ok((text(&pair[0]), text(&pair[1])))
        }).collect::<Result<_, TestCaseError>>()?;
        let theirs: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
        prop_assert_eq!(ours, theirs);
    }
}
