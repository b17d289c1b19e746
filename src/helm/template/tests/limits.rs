//! What would overflow the stack or never end in Go is an error here.

use super::fixture::Renderer;
use crate::helm::template::MAX_DEPTH;
use crate::helm::template::MAX_NESTING;
use crate::helm::template::STACK_SIZE;

/// Runs a template on a thread like that of a render.
fn run(text: String) -> (String, Option<String>) {
    std::thread::Builder::new()
        .stack_size(STACK_SIZE)
        .spawn(move || {
            let (output, error) = Renderer::run(text.as_bytes());
            (String::from_utf8(output).unwrap(), error)
        })
        .unwrap()
        .join()
        .unwrap()
}

#[test]
fn endless_recursion_ends_whatever_it_goes_through() {
    for text in [
        r#"{{define "t"}}{{template "t" .}}{{end}}{{template "t" .}}"#,
        r#"{{define "t"}}{{include "t" .}}{{end}}{{include "t" .}}"#,
        r#"{{define "t"}}{{upper (print (include "t" .) 1)}}{{end}}{{include "t" .}}"#,
        r#"{{define "t"}}{{if .}}{{with .}}{{range list .}}{{include "t" .}}{{end}}{{end}}{{end}}{{end}}{{include "t" .}}"#,
        r#"{{$_ := set . "x" "{{tpl .x .}}"}}{{tpl .x .}}"#,
    ] {
        let (_, error) = run(text.to_owned());
        let error = error.unwrap();
        let expected = format!("exceeded maximum template depth ({MAX_DEPTH} levels)");
        assert!(error.ends_with(&expected), "{error}");
    }
}

#[test]
fn depth_is_counted_down_again() {
    // Far more templates than the limit, but one after another, and some fail.
    let text = r#"{{define "t"}}{{if .}}x{{end}}{{end}}{{range 30000}}{{include "t" .}}{{end}}"#;
    let (output, error) = run(text.to_owned());
    assert_eq!((output.len(), error), (29_999, None));
}

#[test]
fn a_thousand_nested_includes_are_fine() {
    let text = r#"{{define "t"}}{{if lt .n 1000}}{{with set . "n" (addInt .n 1)}}{{include "t" .}}{{end}}{{else}}deep{{end}}{{end}}{{include "t" (dict "n" 0)}}"#;
    assert_eq!(run(text.to_owned()), ("deep".to_owned(), None));
}

#[test]
fn text_is_nested_up_to_the_limit_only() {
    let nested = |open: &str, inside: &str, close: &str, depth: usize| {
        run([open.repeat(depth), inside.to_owned(), close.repeat(depth)].concat())
    };
    let deep = nested("{{if .s}}", "x", "{{end}}", MAX_NESTING);
    assert_eq!(deep, ("x".to_owned(), None));
    let parentheses = |depth| run(format!("{{{{{}1{}}}}}", "(".repeat(depth), ")".repeat(depth)));
    assert_eq!(parentheses(MAX_NESTING), ("1".to_owned(), None));

    for (_, error) in [
        nested("{{if .s}}", "x", "{{end}}", MAX_NESTING + 1),
        nested("{{block \"b\" .}}", "x", "{{end}}", 100_000),
        run(format!("{{{{if .no}}}}{}{{{{end}}}}", "{{else if .no}}".repeat(100_000))),
        parentheses(MAX_NESTING + 1),
        parentheses(1_000_000),
    ] {
        assert_eq!(error.unwrap(), "template: a.yaml:1: max expression depth exceeded");
    }
}

#[test]
fn a_map_that_contains_itself_is_not_printed() {
    for text in ["{{set .m \"self\" .m}}", "{{$_ := set .m \"self\" .m}}{{printf \"%#v\" .m}}"] {
        let error = run(text.to_owned()).1.unwrap();
        assert!(error.contains("nested more than 1000 levels deep"), "{error}");
    }
}

#[test]
fn a_list_nested_a_million_deep_can_be_dropped() {
    let text = "{{$list := list}}{{range 1000000}}{{$list = list $list}}{{end}}{{len $list}}";
    assert_eq!(run(text.to_owned()), ("1".to_owned(), None));
    let text = "{{$map := 1}}{{range 1000000}}{{$map = dict \"k\" $map}}{{end}}{{len $map}}";
    assert_eq!(run(text.to_owned()), ("1".to_owned(), None));
}

#[test]
fn widths_and_precisions_beyond_rusts_own_limit_are_printed() {
    let (output, error) = run(r#"{{printf "%70000d|%.70000f|%.70000e" 1 0.5 0.5}}"#.to_owned());
    assert_eq!(error, None);
    assert_eq!(output.len(), 70_000 + 1 + 70_002 + 1 + 70_006);
}

#[test]
fn what_is_ranged_over_may_change_meanwhile() {
    let text = "{{range $k, $v := .m}}{{$_ := set $.m (print $k $k) 1}}{{$k}},{{end}}{{len .m}}";
    assert_eq!(run(text.to_owned()), ("a,b,z,6".to_owned(), None));
}
