//! Which template of a name a set holds, and what parsing into a clone does.

use super::fixture::Renderer;
use super::fixture::functions;
use crate::helm::function::Body;
use crate::helm::function::Function;
use crate::helm::template::ExecError;
use crate::helm::template::ParseError;
use crate::helm::template::Set;
use crate::helm::value::Value;

fn set(texts: &[(&str, &str)]) -> Set {
    let mut set = Set::new(functions());
    for (name, text) in texts {
        set.parse(name, text).unwrap();
    }
    set
}

fn run(set: &Set, name: &str) -> Result<String, ExecError> {
    let host = Renderer(set.clone().into());
    let mut output = Vec::new();
    set.execute(name, &Value::Nil, &host, &mut output)?;
    Ok(String::from_utf8(output).unwrap())
}

#[test]
fn a_later_definition_wins() {
    let set = set(&[
        ("one", r#"{{define "x"}}first{{end}}"#),
        ("two", r#"{{define "x"}}second{{end}}"#),
        ("main", r#"{{template "x"}}"#),
    ]);
    assert_eq!(run(&set, "main").unwrap(), "second");
}

#[test]
fn a_later_definition_that_is_blank_does_not_win() {
    let set = set(&[
        ("one", r#"{{define "x"}}first{{end}}"#),
        ("two", "{{define \"x\"}} \n\u{a0}{{/* nothing */}}{{end}}"),
        ("main", r#"{{template "x"}}"#),
    ]);
    assert_eq!(run(&set, "main").unwrap(), "first");
}

#[test]
fn a_definition_that_is_all_there_is_may_be_blank() {
    let set = set(&[("main", r#"{{define "x"}} {{end}}[{{template "x"}}]"#)]);
    assert_eq!(run(&set, "main").unwrap(), "[ ]");
}

#[test]
fn parsing_into_a_clone_leaves_the_original_alone() {
    let original = set(&[("main", r#"{{define "x"}}old{{end}}{{template "x"}}"#)]);
    let mut clone = original.clone();
    clone.parse("more", r#"{{define "x"}}new{{end}}{{define "y"}}{{end}}"#).unwrap();
    assert_eq!(run(&original, "main").unwrap(), "old");
    assert_eq!(run(&clone, "main").unwrap(), "new");
    assert!(clone.contains("y") && !original.contains("y"));
}

#[test]
fn a_text_that_fails_to_parse_adds_nothing() {
    let mut set = set(&[]);
    let error = set.parse("bad.yaml", "a\n{{define \"x\"}}{{end}}\n{{.x").unwrap_err();
    let expected =
        ParseError { file: "bad.yaml".into(), line: 3, message: "unclosed action".into() };
    assert_eq!(error, expected);
    assert!(!set.contains("x") && !set.contains("bad.yaml"));
}

#[test]
fn the_tree_of_a_blank_text_runs_although_an_earlier_one_stays() {
    let mut set = set(&[("gotpl", "text")]);
    let tree = set.parse("gotpl", "  ").unwrap();
    assert_eq!(tree.name(), "gotpl");
    let host = Renderer(set.clone().into());
    let mut output = Vec::new();
    set.execute_tree(&tree, &Value::Nil, &host, &mut output).unwrap();
    assert_eq!(output, b"  ");
    assert_eq!(run(&set, "gotpl").unwrap(), "text");
}

#[test]
fn a_template_that_is_missing_is_named() {
    let error = run(&set(&[]), "none").unwrap_err();
    assert_eq!(error.place, None);
    assert_eq!(
        error.to_string(),
        r#"template: no template "none" associated with template "gotpl""#
    );
}

#[test]
fn an_error_tells_its_place() {
    let set = set(&[("main", "a\n  {{define \"x\"}}{{$.s.t}}{{end}}{{fail \"m\"}}")]);
    let error = run(&set, "main").unwrap_err();
    let place = error.place.clone().unwrap();
    assert_eq!((place.file.as_str(), place.line, place.column), ("main", 2, 34));
    assert_eq!((place.template.as_str(), place.expression.as_str()), ("main", r#"fail "m""#));
    assert_eq!(error.message, "error calling fail: m");
}

#[test]
fn functions_named_as_keywords_and_as_gos_own_take_their_place() {
    let body: Body = |_, _| Ok(Value::string("mine"));
    let mut functions = functions();
    for name in ["break", "continue", "slice", "and"] {
        functions.insert(name, Function { parameters: &[], variadic: None, body });
    }
    let mut set = Set::new(functions);
    set.parse("main", "{{break}} {{continue}} {{slice}} {{and}}").unwrap();
    assert_eq!(run(&set, "main").unwrap(), "mine mine mine mine");
}
