//! Text, values and how they are printed.

use super::Case;

/// Each with what Go prints or says.
pub const CASES: &[Case] = &[
    Case::output("plain text", "plain text"),
    Case::output("{{.s}}", "text"),
    Case::output("a {{- .s -}} b", "atextb"),
    Case::output("a{{- 3}}b", "a3b"),
    Case::output("{{- /* comment */ -}} x", "x"),
    Case::output(" x {{/* c */}} y", " x  y"),
    Case::output(" x {{- /* c */ -}} y", " xy"),
    Case::error("{{/* a", "template: a.yaml:1: unclosed comment"),
    Case::partial(
        "b */}}{{.missing.x}}",
        "b */}}",
        r#"template: a.yaml:1:16: executing "a.yaml" at <.missing.x>: nil pointer evaluating interface {}.x"#,
    ),
    Case::output("{{ .s }}{{ .i }}", "text7"),
    Case::output(
        r#"{{"quoted \"text\" \n\t\u00e9\x41\101\U0001F389"}}"#,
        "quoted \"text\" \n\téAA\u{1f389}",
    ),
    Case::output(r#"{{`raw \n "text"`}}"#, r#"raw \n "text""#),
    Case::output(
        r"{{'a'}} {{'\n'}} {{'é'}} {{'\''}} {{'\x41'}} {{'\u00e9'}}",
        "97 10 233 39 65 233",
    ),
    Case::output(
        "{{1}} {{-1}} {{+1}} {{0x1F}} {{0b101}} {{0o17}} {{017}} {{1_000}} {{0x_1F}}",
        "1 -1 1 31 5 15 15 1000 31",
    ),
    Case::output(
        "{{1.5}} {{1e3}} {{1e6}} {{1e-7}} {{.5}} {{1.}} {{0x1p4}} {{0x1.8p-1}} {{1_0.5}} {{1E3}}",
        "1.5 1000 1e+06 1e-07 0.5 1 16 0.75 10.5 1000",
    ),
    Case::output(
        "{{100000000000000000000.0}} {{123456789.0}} {{1e100}} {{-0.0}}",
        "1e+20 1.23456789e+08 1e+100 -0",
    ),
    Case::output("{{true}} {{false}}", "true false"),
    Case::output(
        "{{.}}",
        "map[big:1.23456789e+08 bytes:[104 105] empty: emptyList:[] emptyMap:map[] f:1e+06 half:0.5 html:<a href='x'>&\" i:7 i64:8 ints:[3 4] key:a list:[a 1.5 <nil> true] m:map[a:A b:map[c:1.5 n:<nil>] z:<nil>] neg:-12.25 nil:<nil> no:false nums:[1 2 3] pairs:map[_0:p _1:q] raw:a\u{fffd}b\u{0}\u{7} s:text strings:[x y] thing:thing! tiny:1e-07 utf:hé\u{a0}\u{200b}€\u{1f389} versions:[v1 apps/v1] yes:true zero:0]",
    ),
    Case::output(
        "{{$}}",
        "map[big:1.23456789e+08 bytes:[104 105] empty: emptyList:[] emptyMap:map[] f:1e+06 half:0.5 html:<a href='x'>&\" i:7 i64:8 ints:[3 4] key:a list:[a 1.5 <nil> true] m:map[a:A b:map[c:1.5 n:<nil>] z:<nil>] neg:-12.25 nil:<nil> no:false nums:[1 2 3] pairs:map[_0:p _1:q] raw:a\u{fffd}b\u{0}\u{7} s:text strings:[x y] thing:thing! tiny:1e-07 utf:hé\u{a0}\u{200b}€\u{1f389} versions:[v1 apps/v1] yes:true zero:0]",
    ),
    Case::output("{{.m}}", "map[a:A b:map[c:1.5 n:<nil>] z:<nil>]"),
    Case::output(
        "{{.list}} {{.nums}} {{.strings}} {{.ints}} {{.bytes}}",
        "[a 1.5 <nil> true] [1 2 3] [x y] [3 4] [104 105]",
    ),
    Case::output(
        "{{.f}} {{.half}} {{.neg}} {{.big}} {{.tiny}} {{.zero}} {{.i}} {{.i64}}",
        "1e+06 0.5 -12.25 1.23456789e+08 1e-07 0 7 8",
    ),
    Case::output(
        "{{.nil}} {{.missing}} {{.m.z}} {{.m.missing}}",
        "<no value> <no value> <no value> <no value>",
    ),
    Case::output("{{.m.a}} {{.m.b.c}} {{$.m.b.c}} {{.m.b}}", "A 1.5 1.5 map[c:1.5 n:<nil>]"),
    Case::output("{{.utf}} {{.html}}", "hé\u{a0}\u{200b}€\u{1f389} <a href='x'>&\""),
    Case::output("{{.raw}}", "a\u{fffd}b\u{0}\u{7}"),
    Case::output("{{.yes}}{{.no}}", "truefalse"),
    Case::output("{{(.m).a}} {{(.m.b).c}} {{((.m)).b.c}}", "A 1.5 1.5"),
    Case::output(
        "{{(.missing).x}} {{(.missing).x.y}} {{(.nil).x}}",
        "<no value> <no value> <no value>",
    ),
    Case::output(
        "{{.thing}} {{.thing.Name}} {{.thing.Count}} {{.thing.Plain}}",
        "thing! box 3 plain",
    ),
    Case::output(
        r#"{{.thing.Get "x"}} {{.thing.Add 1 2}} {{"y" | .thing.Get}} {{2 | .thing.Add 1}}"#,
        "got x 3 got y 3",
    ),
    Case::output(
        "{{.thing.Echo .nil}} {{.thing.Echo 1.5}} {{.thing.Echo .m}}",
        "<no value> 1.5 map[a:A b:map[c:1.5 n:<nil>] z:<nil>]",
    ),
    Case::output(
        r#"{{.versions}} {{.versions.Has "v1"}} {{.versions.Has "v2"}} {{len .versions}} {{index .versions 1}}"#,
        "[v1 apps/v1] true false 2 apps/v1",
    ),
    Case::output(
        "{{range .versions}}[{{.}}]{{end}} {{range $i, $v := .versions}}{{$i}}={{$v}};{{end}}",
        "[v1][apps/v1] 0=v1;1=apps/v1;",
    ),
    Case::output(
        r#"{{.pairs}} {{.pairs._0}} [{{.pairs._9}}] {{eq .pairs._9 ""}} {{index .pairs "_1"}} [{{index .pairs "no"}}] {{len .pairs}}"#,
        "map[_0:p _1:q] p [] true q [] 2",
    ),
    Case::output("{{range $k, $v := .pairs}}{{$k}}={{$v}};{{end}}", "_0=p;_1=q;"),
    Case::output("{{with $x := .m}}{{$x.a}}{{end}}", "A"),
    Case::output(r#"{{- " a " -}}   "#, " a "),
    Case::output(r#"  {{ "b" -}}   c"#, "  bc"),
];
