//! The expectations in the tables below are what Go 1.26 prints or says when it
//! runs the same templates with the same data and functions.

mod calls;
mod control;
mod fixture;
mod functions;
mod limits;
mod mutations;
mod parse;
mod printf;
mod sets;
mod text;

/// Is a template with what comes of it.
pub struct Case {
    template: &'static str,
    output: &'static str,
    error: Option<&'static str>,
}

impl Case {
    /// Makes a case that succeeds.
    pub const fn output(template: &'static str, output: &'static str) -> Self {
        Self { template, output, error: None }
    }

    /// Makes a case that fails.
    pub const fn error(template: &'static str, error: &'static str) -> Self {
        Self { template, output: "", error: Some(error) }
    }

    /// Makes a case that fails after it has printed something.
    pub const fn partial(
        template: &'static str,
        output: &'static str,
        error: &'static str,
    ) -> Self {
        Self { template, output, error: Some(error) }
    }
}

/// Runs the cases and shows all that differ.
fn check(cases: &[Case]) {
    let mut differences = Vec::new();
    for case in cases {
        let (output, error) = fixture::Renderer::run(case.template.as_bytes());
        let output = String::from_utf8_lossy(&output);
        if output != case.output || error.as_deref() != case.error {
            let Case { template, output: wanted, error: wanted_error } = case;
            differences.push(format!(
                "{template:?}\n  wanted {wanted:?} {wanted_error:?}\n  got    {output:?} {error:?}\n"
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.concat());
}

#[test]
fn values_are_printed_as_go_prints_them() {
    check(text::CASES);
}

#[test]
fn control_structures_run_as_in_go() {
    check(control::CASES);
}

#[test]
fn gos_own_functions_do_what_they_do_in_go() {
    check(functions::CASES);
}

#[test]
fn calls_convert_their_arguments_and_fail_as_in_go() {
    check(calls::CASES);
}

#[test]
fn printf_prints_what_go_prints() {
    check(printf::CASES);
}

#[test]
fn parse_errors_are_gos() {
    check(parse::CASES);
}

#[test]
fn complex_numbers_are_refused() {
    check(&[
        Case::error("{{1i}}", r#"template: a.yaml:1: complex numbers are not supported: "1i""#),
        Case::error("{{1+2i}}", r#"template: a.yaml:1: complex numbers are not supported: "1+2i""#),
    ]);
}
