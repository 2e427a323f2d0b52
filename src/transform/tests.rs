//! Rows: `tests/data/transform.toml`; and what holds for all transformations.

use super::*;

fn apply(name: &str, input: &[u8]) -> Vec<u8> {
    let transformation = ALL.iter().find(|transformation| transformation.name == name).expect(name);
    let mut view = Vec::new();
    (transformation.apply)(input, &mut view);
    view
}

#[test]
fn every_row_of_the_table_holds() {
    let table: toml::Table = include_str!("../../tests/data/transform.toml").parse().expect("valid TOML");
    let cases = table["case"].as_array().expect("cases");
    assert!(cases.len() >= 30);
    for case in cases {
        let text = |key: &str| case[key].as_str().expect(key);
        let bytes = |key: &str| text(key).chars().map(|c| c as u8).collect::<Vec<u8>>();
        // `latin1 = true`: each character of input and output is one byte.
        let (input, output) = if case.get("latin1").is_some() {
            (bytes("input"), bytes("output"))
        } else {
            (text("input").as_bytes().to_vec(), text("output").as_bytes().to_vec())
        };
        let view = apply(text("transformation"), &input);
        assert_eq!(view, output, "{}: {}", text("name"), String::from_utf8_lossy(&view));
    }
}

#[test]
fn without_a_trigger_nothing_changes() {
    for transformation in ALL {
        for byte in 0..=255_u8 {
            let value = [b'a', byte, b'4', b'1', b';', byte];
            if transformation.triggers.intersects(ByteSet::present_in(&value)) {
                continue;
            }
            assert_eq!(apply(transformation.name, &value), value, "{}", transformation.name);
        }
    }
}

#[test]
fn no_transformation_makes_a_value_longer() {
    // `\u{0}` in six bytes, a lone surrogate, entities of every length.
    for value in
        ["%u0000", "%uFFFD", "\\uD800", "\\u{10FFFF}", "\\377", "&#65533;", "&#9;", "&lt", "\u{ff07}", "\u{3000}"]
    {
        for transformation in ALL {
            assert!(
                apply(transformation.name, value.as_bytes()).len() <= value.len(),
                "{} on {value}",
                transformation.name
            );
        }
    }
}

fn chains(value: &[u8], views_max: usize) -> (Vec<(String, Vec<u8>)>, bool) {
    let mut shown = Vec::new();
    let cut = views(
        value,
        ByteSet::present_in(value),
        ViewLimits { views_max },
        &mut Scratch::default(),
        |view, _, chain| {
            shown.push((chain.to_string(), view.to_vec()));
        },
    );
    (shown, cut)
}

#[test]
fn layers_are_undone_one_by_one() {
    let (shown, cut) = chains(b"%2526lt;script%253e", 8);
    let last = shown.last().expect("views");
    assert_eq!(last.1, b"<script>");
    assert_eq!(last.0, "url_decode|url_decode|html_decode");
    assert!(!cut);
}

#[test]
fn a_plain_value_has_no_view() {
    assert_eq!(chains(b"plain words, 100 %", 8), (Vec::new(), false));
}

#[test]
fn past_the_limit_the_cut_is_told() {
    let deep = format!("%{}41", "25".repeat(20));
    assert!(chains(deep.as_bytes(), 8).1);
}
