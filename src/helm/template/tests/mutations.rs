//! No text is a reason to panic.

use super::Case;
use super::fixture::Renderer;

/// Is a small generator of the same numbers on every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % below.max(1)
    }
}

const ROUNDS: usize = 20_000;

const TOKENS: &[&str] = &[
    "{{",
    "}}",
    "{{-",
    " -}}",
    " ",
    ".",
    "$",
    "|",
    ":=",
    "=",
    ",",
    "(",
    ")",
    "\"",
    "`",
    "'",
    "-",
    "/*",
    "*/",
    "\n",
    "\\",
    "é",
    "\u{0}",
    "1",
    "1.5",
    "0x",
    "1e9",
    "nil",
    "true",
    "if ",
    "else ",
    "end",
    "range ",
    "with ",
    "define ",
    "block ",
    "template ",
    "break",
    "print ",
    "index ",
    "%d",
];

#[test]
fn mutated_templates_never_panic() {
    let tables = [
        super::text::CASES,
        super::control::CASES,
        super::functions::CASES,
        super::calls::CASES,
        super::printf::CASES,
        super::parse::CASES,
    ];
    let cases: Vec<&Case> = tables.into_iter().flatten().collect();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut refused = 0;
    for _ in 0..ROUNDS {
        let mut text = cases[numbers.next(cases.len())].template.as_bytes().to_vec();
        for _ in 0..=numbers.next(4) {
            let at = numbers.next(text.len() + 1);
            let end = (at + numbers.next(8)).min(text.len());
            match numbers.next(5) {
                0 => drop(text.drain(at..end)),
                1 => {
                    let token = TOKENS[numbers.next(TOKENS.len())].bytes();
                    drop(text.splice(at..at, token));
                }
                2 => {
                    let byte = u8::try_from(numbers.next(256)).unwrap();
                    text.insert(at, byte);
                }
                3 => {
                    let repeated = text[at..end].to_vec();
                    drop(text.splice(at..at, repeated));
                }
                _ => {
                    let other = cases[numbers.next(cases.len())].template.as_bytes();
                    let from = numbers.next(other.len());
                    drop(text.splice(at..at, other[from..].iter().copied()));
                }
            }
        }
        refused += usize::from(Renderer::run(&text).1.is_some());
    }
    // Neither all nor none: the mutations reach both the parser and what is behind it.
    assert!((ROUNDS / 10..ROUNDS * 9 / 10).contains(&refused), "{refused} of {ROUNDS} refused");
}
