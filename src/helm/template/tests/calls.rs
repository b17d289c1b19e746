//! Calls of functions and methods, their arguments, and what goes wrong in them.

use super::Case;

/// Each with what Go prints or says.
pub const CASES: &[Case] = &[
    Case::output(
        r#"{{upper "a"}} {{upper .s}} {{.s | upper}} {{upper (upper "b")}} {{"a" | upper | upper}}"#,
        "A TEXT TEXT B A",
    ),
    Case::error(
        "{{upper .i}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.i>: wrong type for value; expected string; got int"#,
    ),
    Case::error(
        "{{upper 1}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <1>: expected string; found 1"#,
    ),
    Case::error(
        "{{upper true}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <true>: expected string; found true"#,
    ),
    Case::error(
        "{{upper .nil}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.nil>: wrong type for value; expected string; got interface {}"#,
    ),
    Case::error(
        "{{upper nil}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <nil>: cannot assign nil to string"#,
    ),
    Case::error(
        "{{.nil | upper}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <upper>: invalid value; expected string"#,
    ),
    Case::error(
        "{{.i | upper}}",
        r#"template: a.yaml:1:7: executing "a.yaml" at <upper>: wrong type for value; expected string; got int"#,
    ),
    Case::error(
        "{{.missing | upper}}",
        r#"template: a.yaml:1:13: executing "a.yaml" at <upper>: invalid value; expected string"#,
    ),
    Case::error(
        "{{upper .missing}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.missing>: wrong type for value; expected string; got interface {}"#,
    ),
    Case::error(
        "{{upper (.missing)}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <.missing>: invalid value; expected string"#,
    ),
    Case::error(
        "{{upper}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <upper>: wrong number of args for upper: want 1 got 0"#,
    ),
    Case::error(
        r#"{{upper "a" "b"}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <upper>: wrong number of args for upper: want 1 got 2"#,
    ),
    Case::error(
        r#"{{"b" | upper "a"}}"#,
        r#"template: a.yaml:1:8: executing "a.yaml" at <upper>: wrong number of args for upper: want 1 got 2"#,
    ),
    Case::error(
        "{{upper .m}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.m>: wrong type for value; expected string; got map[string]interface {}"#,
    ),
    Case::error(
        "{{upper .list}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.list>: wrong type for value; expected string; got []interface {}"#,
    ),
    Case::error(
        "{{upper .thing}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.thing>: wrong type for value; expected string; got *main.Thing"#,
    ),
    Case::error(
        "{{upper .versions}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.versions>: wrong type for value; expected string; got main.Versions"#,
    ),
    Case::error(
        "{{upper .bytes}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.bytes>: wrong type for value; expected string; got []uint8"#,
    ),
    Case::error(
        "{{upper nothing}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <nothing>: wrong type for value; expected string; got interface {}"#,
    ),
    Case::error(
        "{{nothing | upper}}",
        r#"template: a.yaml:1:12: executing "a.yaml" at <upper>: invalid value; expected string"#,
    ),
    Case::error(
        "{{upper (nothing)}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <nothing>: invalid value; expected string"#,
    ),
    Case::error(
        "{{upper five}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <five>: wrong type for value; expected string; got int"#,
    ),
    Case::output(
        r#"{{join ","}} {{join "," "a"}} {{join "," "a" "b" "c"}} {{"z" | join "," "a"}} {{"," | join}}"#,
        " a a,b,c a,z ",
    ),
    Case::error(
        "{{join}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <join>: wrong number of args for join: want at least 1 got 0"#,
    ),
    Case::error(
        r#"{{join "," 1}}"#,
        r#"template: a.yaml:1:11: executing "a.yaml" at <1>: expected string; found 1"#,
    ),
    Case::error(
        r#"{{join "," "a" .nil}}"#,
        r#"template: a.yaml:1:15: executing "a.yaml" at <.nil>: wrong type for value; expected string; got interface {}"#,
    ),
    Case::error(
        r#"{{join "," "a" .i}}"#,
        r#"template: a.yaml:1:15: executing "a.yaml" at <.i>: wrong type for value; expected string; got int"#,
    ),
    Case::error(
        r#"{{.i | join "," "a"}}"#,
        r#"template: a.yaml:1:16: executing "a.yaml" at <"a">: wrong type for value; expected string; got int"#,
    ),
    Case::output(
        "{{addInt 1 2}} {{addInt .i 1}} {{1 | addInt 2}} {{addInt 1.0 2}} {{addInt 0x10 'a'}} {{addInt five five}}",
        "3 8 3 3 113 10",
    ),
    Case::error(
        "{{addInt 1.5 2}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <1.5>: expected integer; found 1.5"#,
    ),
    Case::error(
        "{{addInt .f 1}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <.f>: wrong type for value; expected int; got float64"#,
    ),
    Case::error(
        "{{addInt .i64 1}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <.i64>: wrong type for value; expected int; got int64"#,
    ),
    Case::error(
        r#"{{addInt "a" 1}}"#,
        r#"template: a.yaml:1:9: executing "a.yaml" at <"a">: expected integer; found "a""#,
    ),
    Case::error(
        "{{addInt 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <addInt>: wrong number of args for addInt: want 2 got 1"#,
    ),
    Case::error(
        "{{addInt 1 2 3}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <addInt>: wrong number of args for addInt: want 2 got 3"#,
    ),
    Case::error(
        "{{addInt 1 nil}}",
        r#"template: a.yaml:1:11: executing "a.yaml" at <nil>: cannot assign nil to int"#,
    ),
    Case::error(
        "{{addInt .nil 1}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <.nil>: wrong type for value; expected int; got interface {}"#,
    ),
    Case::error(
        "{{addInt true 1}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <true>: expected integer; found true"#,
    ),
    Case::output("{{same64 5}} {{same64 .i64}}", "5 8"),
    Case::error(
        "{{same64 .i}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <.i>: wrong type for value; expected int64; got int"#,
    ),
    Case::error(
        "{{same64 .f}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <.f>: wrong type for value; expected int64; got float64"#,
    ),
    Case::output(
        "{{sameFloat 5}} {{sameFloat .f}} {{sameFloat 1.5}} {{sameFloat 'a'}} {{sameFloat 1e3}}",
        "5 1e+06 1.5 97 1000",
    ),
    Case::error(
        "{{sameFloat .i}}",
        r#"template: a.yaml:1:12: executing "a.yaml" at <.i>: wrong type for value; expected float64; got int"#,
    ),
    Case::error(
        r#"{{sameFloat "a"}}"#,
        r#"template: a.yaml:1:12: executing "a.yaml" at <"a">: expected float; found "a""#,
    ),
    Case::output("{{sameBool true}} {{sameBool .yes}}", "true true"),
    Case::error(
        "{{sameBool 1}}",
        r#"template: a.yaml:1:11: executing "a.yaml" at <1>: expected bool; found 1"#,
    ),
    Case::error(
        "{{sameBool .s}}",
        r#"template: a.yaml:1:11: executing "a.yaml" at <.s>: wrong type for value; expected bool; got string"#,
    ),
    Case::error(
        "{{sameBool nil}}",
        r#"template: a.yaml:1:11: executing "a.yaml" at <nil>: cannot assign nil to bool"#,
    ),
    Case::output(
        "{{needList .list}} {{needList nil}} {{needList (list 1 2)}} {{.nil | needList}} {{needList .emptyList}}",
        "4 0 2 0 0",
    ),
    Case::error(
        "{{needList .strings}}",
        r#"template: a.yaml:1:11: executing "a.yaml" at <.strings>: wrong type for value; expected []interface {}; got []string"#,
    ),
    Case::error(
        "{{needList .nil}}",
        r#"template: a.yaml:1:11: executing "a.yaml" at <.nil>: wrong type for value; expected []interface {}; got interface {}"#,
    ),
    Case::error(
        "{{needList 1}}",
        r#"template: a.yaml:1:11: executing "a.yaml" at <1>: can't handle 1 for arg of type []interface {}"#,
    ),
    Case::error(
        r#"{{needList "a"}}"#,
        r#"template: a.yaml:1:11: executing "a.yaml" at <"a">: can't handle "a" for arg of type []interface {}"#,
    ),
    Case::error(
        "{{needList .s}}",
        r#"template: a.yaml:1:11: executing "a.yaml" at <.s>: wrong type for value; expected []interface {}; got string"#,
    ),
    Case::error(
        "{{needList .m}}",
        r#"template: a.yaml:1:11: executing "a.yaml" at <.m>: wrong type for value; expected []interface {}; got map[string]interface {}"#,
    ),
    Case::output("{{needStrings .strings}} {{needStrings nil}}", "2 0"),
    Case::error(
        "{{needStrings .list}}",
        r#"template: a.yaml:1:14: executing "a.yaml" at <.list>: wrong type for value; expected []string; got []interface {}"#,
    ),
    Case::output("{{needStrings .versions}}", "2"),
    Case::output("{{needMap .m}} {{needMap nil}} {{.nil | needMap}}", "3 0 0"),
    Case::error(
        "{{needMap .pairs}}",
        r#"template: a.yaml:1:10: executing "a.yaml" at <.pairs>: wrong type for value; expected map[string]interface {}; got map[string]string"#,
    ),
    Case::error(
        "{{needMap .list}}",
        r#"template: a.yaml:1:10: executing "a.yaml" at <.list>: wrong type for value; expected map[string]interface {}; got []interface {}"#,
    ),
    Case::error(
        "{{needMap .nil}}",
        r#"template: a.yaml:1:10: executing "a.yaml" at <.nil>: wrong type for value; expected map[string]interface {}; got interface {}"#,
    ),
    Case::error(
        r#"{{needMap "x"}}"#,
        r#"template: a.yaml:1:10: executing "a.yaml" at <"x">: can't handle "x" for arg of type map[string]interface {}"#,
    ),
    Case::error(
        "{{needMap 1.5}}",
        r#"template: a.yaml:1:10: executing "a.yaml" at <1.5>: can't handle 1.5 for arg of type map[string]interface {}"#,
    ),
    Case::error(
        "{{needMap true}}",
        r#"template: a.yaml:1:10: executing "a.yaml" at <true>: can't handle true for arg of type map[string]interface {}"#,
    ),
    Case::output(
        "{{nothing}} {{print nothing}} {{(nothing).x}} {{nothing | print}} {{eq nothing nil}}",
        "<no value> <nil> <no value> <nil> true",
    ),
    Case::error(
        "{{nothing.x}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <nothing>: nil pointer evaluating interface {}.x"#,
    ),
    Case::output(r#"{{five}} {{five | addInt 1}} {{five | printf "%T"}}"#, "5 6 int"),
    Case::error(
        "{{five 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <five>: wrong number of args for five: want 0 got 1"#,
    ),
    Case::error(
        "{{1 | five}}",
        r#"template: a.yaml:1:6: executing "a.yaml" at <five>: wrong number of args for five: want 0 got 1"#,
    ),
    Case::output(
        r#"{{list}} {{list 1 2.5 "a" nil .nil true}} {{list (list 1) .m}} {{1 | list 0}} {{.nil | list}}"#,
        "[] [1 2.5 a <nil> <nil> true] [[1] map[a:A b:map[c:1.5 n:<nil>] z:<nil>]] [0 1] [<nil>]",
    ),
    Case::output(
        "{{echo nil}} {{echo .nil}} {{echo .missing}} {{.nil | echo}} {{echo 1}} {{echo .m.b.c}}",
        "<no value> <no value> <no value> <no value> 1 1.5",
    ),
    Case::output("{{echo (1)}} {{echo (.s)}}", "1 text"),
    Case::output(
        r#"{{pair "a" .nil}} {{pair "a" nil}} {{pair .s .m}} {{.f | pair .s}}"#,
        "a<nil> a<nil> textmap[a:A b:map[c:1.5 n:<nil>] z:<nil>] text1e+06",
    ),
    Case::error(
        "{{pair .nil 1}}",
        r#"template: a.yaml:1:7: executing "a.yaml" at <.nil>: wrong type for value; expected string; got interface {}"#,
    ),
    Case::error(
        "{{pair}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <pair>: wrong number of args for pair: want 2 got 0"#,
    ),
    Case::error(
        r#"{{fail "message"}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <fail "message">: error calling fail: message"#,
    ),
    Case::error(
        r#"{{fail "with %d and %s"}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <fail "with %d and %s">: error calling fail: with %d and %s"#,
    ),
    Case::error(
        "{{fail .s}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <fail .s>: error calling fail: text"#,
    ),
    Case::error(
        r#"{{if fail "in if"}}{{end}}"#,
        r#"template: a.yaml:1:5: executing "a.yaml" at <fail "in if">: error calling fail: in if"#,
    ),
    Case::error(
        r#"{{range fail "in range"}}{{end}}"#,
        r#"template: a.yaml:1:8: executing "a.yaml" at <fail "in range">: error calling fail: in range"#,
    ),
    Case::error(
        r#"{{with fail "in with"}}{{end}}"#,
        r#"template: a.yaml:1:7: executing "a.yaml" at <fail "in with">: error calling fail: in with"#,
    ),
    Case::error(
        r#"{{template "t" (fail "in template")}}{{define "t"}}{{end}}"#,
        r#"template: a.yaml:1:16: executing "a.yaml" at <fail "in template">: error calling fail: in template"#,
    ),
    Case::error(r#"{{define "t"}}line"#, "template: a.yaml:1: unexpected EOF"),
    Case::error(r#"  {{fail "inside"}}{{end}}a"#, "template: a.yaml:1: unexpected {{end}}"),
    Case::partial(
        r#"b {{template "t" .}}"#,
        "b ",
        r#"template: a.yaml:1:13: executing "a.yaml" at <{{template "t" .}}>: template "t" not defined"#,
    ),
    Case::partial(
        r#"b {{include "t" . | upper}}"#,
        "b ",
        r#"template: a.yaml:1:4: executing "a.yaml" at <include "t" .>: error calling include: template: no template "t" associated with template "gotpl""#,
    ),
    Case::error(
        r#"{{tpl "a {{.s.x}}" .}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <tpl "a {{.s.x}}" .>: error calling tpl: error during tpl function execution for "a {{.s.x}}": template: gotpl:1:6: executing "gotpl" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::error(
        r#"{{tpl "a {{if}}" .}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <tpl "a {{if}}" .>: error calling tpl: cannot parse template "a {{if}}": template: gotpl:1: missing value for if"#,
    ),
    Case::error(
        r#"{{tpl "{{include \"none\" .}}" .}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <tpl "{{include \"none\" .}}" .>: error calling tpl: error during tpl function execution for "{{include \"none\" .}}": template: gotpl:1:2: executing "gotpl" at <include "none" .>: error calling include: template: no template "none" associated with template "gotpl""#,
    ),
    Case::error(
        r#"{{include "none" .}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <include "none" .>: error calling include: template: no template "none" associated with template "gotpl""#,
    ),
    Case::error(
        r#"{{.thing.Fail "bad"}}"#,
        r#"template: a.yaml:1:8: executing "a.yaml" at <.thing.Fail>: error calling Fail: bad"#,
    ),
    Case::error(
        "{{.thing.Get}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.thing.Get>: wrong number of args for Get: want 1 got 0"#,
    ),
    Case::error(
        "{{.thing.Get 1}}",
        r#"template: a.yaml:1:13: executing "a.yaml" at <1>: expected string; found 1"#,
    ),
    Case::error(
        "{{.thing.Get .nil}}",
        r#"template: a.yaml:1:13: executing "a.yaml" at <.nil>: wrong type for value; expected string; got interface {}"#,
    ),
    Case::error(
        "{{.nil | .thing.Get}}",
        r#"template: a.yaml:1:15: executing "a.yaml" at <.thing.Get>: invalid value; expected string"#,
    ),
    Case::error(
        r#"{{.thing.Get "a" "b"}}"#,
        r#"template: a.yaml:1:8: executing "a.yaml" at <.thing.Get>: wrong number of args for Get: want 1 got 2"#,
    ),
    Case::error(
        "{{.thing.None}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.thing.None>: can't evaluate field None in type interface {}"#,
    ),
    Case::error(
        "{{.thing.None 1}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.thing.None>: can't evaluate field None in type interface {}"#,
    ),
    Case::error(
        "{{.thing.Name 1}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.thing.Name>: Name has arguments but cannot be invoked as function"#,
    ),
    Case::error(
        "{{1 | .thing.Name}}",
        r#"template: a.yaml:1:12: executing "a.yaml" at <.thing.Name>: Name has arguments but cannot be invoked as function"#,
    ),
    Case::error(
        "{{.thing.Plain 1}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.thing.Plain>: wrong number of args for Plain: want 0 got 1"#,
    ),
    Case::error(
        "{{.thing.Name.x}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.thing.Name.x>: can't evaluate field x in type string"#,
    ),
    Case::error(
        "{{.thing.Plain.x}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.thing.Plain.x>: can't evaluate field x in type string"#,
    ),
    Case::error(
        r#"{{.thing.Add 1 "a"}}"#,
        r#"template: a.yaml:1:15: executing "a.yaml" at <"a">: expected integer; found "a""#,
    ),
    Case::error(
        "{{.versions.None}}",
        r#"template: a.yaml:1:11: executing "a.yaml" at <.versions.None>: can't evaluate field None in type interface {}"#,
    ),
    Case::error(
        "{{.m.a 1}}",
        r#"template: a.yaml:1:4: executing "a.yaml" at <.m.a>: a is not a method but has arguments"#,
    ),
    Case::error(
        "{{1 | .m.a}}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.m.a>: a is not a method but has arguments"#,
    ),
    Case::error(
        "{{.s.x}}",
        r#"template: a.yaml:1:4: executing "a.yaml" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::error(
        "{{.m.a.x}}",
        r#"template: a.yaml:1:4: executing "a.yaml" at <.m.a.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::error(
        "{{.m.a.x.y}}",
        r#"template: a.yaml:1:4: executing "a.yaml" at <.m.a.x.y>: can't evaluate field x in type interface {}"#,
    ),
    Case::error(
        "{{.i.x}} ",
        r#"template: a.yaml:1:4: executing "a.yaml" at <.i.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::error(
        "{{.list.x}}",
        r#"template: a.yaml:1:7: executing "a.yaml" at <.list.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::error(
        "{{.nil.x}}",
        r#"template: a.yaml:1:6: executing "a.yaml" at <.nil.x>: nil pointer evaluating interface {}.x"#,
    ),
    Case::error(
        "{{.missing.x}}",
        r#"template: a.yaml:1:10: executing "a.yaml" at <.missing.x>: nil pointer evaluating interface {}.x"#,
    ),
    Case::error(
        "{{.missing.x.y}}",
        r#"template: a.yaml:1:10: executing "a.yaml" at <.missing.x.y>: nil pointer evaluating interface {}.x"#,
    ),
    Case::error(
        "{{.m.none.x}}",
        r#"template: a.yaml:1:4: executing "a.yaml" at <.m.none.x>: nil pointer evaluating interface {}.x"#,
    ),
    Case::error(
        "{{.m.z.x}}",
        r#"template: a.yaml:1:4: executing "a.yaml" at <.m.z.x>: nil pointer evaluating interface {}.x"#,
    ),
    Case::error(
        "{{$.m.z.x}}",
        r#"template: a.yaml:1:3: executing "a.yaml" at <$.m.z.x>: nil pointer evaluating interface {}.x"#,
    ),
    Case::error(
        "{{$x := .m}}{{$x.z.y}}",
        r#"template: a.yaml:1:16: executing "a.yaml" at <$x.z.y>: nil pointer evaluating interface {}.y"#,
    ),
    Case::output("{{$x := .nil}}{{$x.y}} {{$x.y.z}}", "<no value> <no value>"),
    Case::error(
        "{{$x := .s}}{{$x.y}}",
        r#"template: a.yaml:1:16: executing "a.yaml" at <$x.y>: can't evaluate field y in type string"#,
    ),
    Case::error(
        "{{range .list}}{{.x}}{{end}}",
        r#"template: a.yaml:1:17: executing "a.yaml" at <.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::error(
        "{{range $e := .list}}{{$e.x}}{{end}}",
        r#"template: a.yaml:1:25: executing "a.yaml" at <$e.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::error(
        "{{range $e := .strings}}{{$e.x}}{{end}}",
        r#"template: a.yaml:1:28: executing "a.yaml" at <$e.x>: can't evaluate field x in type string"#,
    ),
    Case::error(
        "{{with .s}}{{.x}}{{end}}",
        r#"template: a.yaml:1:13: executing "a.yaml" at <.x>: can't evaluate field x in type string"#,
    ),
    Case::error(
        "{{range list nil}}{{.x}}{{end}}",
        r#"template: a.yaml:1:20: executing "a.yaml" at <.x>: nil pointer evaluating interface {}.x"#,
    ),
    Case::output("{{range list nil}}{{$.s}}{{(.).x}}{{end}}", "text<no value>"),
    Case::error(
        "{{(.s).x}}",
        r#"template: a.yaml:1:3: executing "a.yaml" at <.s>: can't evaluate field x in type string"#,
    ),
    Case::error(
        "{{(.m.a).x}}",
        r#"template: a.yaml:1:5: executing "a.yaml" at <.m.a>: can't evaluate field x in type string"#,
    ),
    Case::error(
        "{{(1).x}}",
        r#"template: a.yaml:1:3: executing "a.yaml" at <1>: can't evaluate field x in type int"#,
    ),
    Case::error(
        "{{(five).x}}",
        r#"template: a.yaml:1:3: executing "a.yaml" at <five>: can't evaluate field x in type int"#,
    ),
    Case::error(
        "{{five.x}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <five>: can't evaluate field x in type int"#,
    ),
    Case::error(
        "{{(print .s).x}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <.s>: can't evaluate field x in type string"#,
    ),
    Case::error(
        "{{.s 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <.s>: s is not a method but has arguments"#,
    ),
    Case::error(
        "{{$.s 1}}",
        r#"template: a.yaml:1:3: executing "a.yaml" at <$.s>: s is not a method but has arguments"#,
    ),
    Case::error(
        "{{$x := 1}}{{$x 2}}",
        r#"template: a.yaml:1:13: executing "a.yaml" at <$x>: can't give argument to non-function $x"#,
    ),
    Case::error(
        "{{1 2}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <1>: can't give argument to non-function 1"#,
    ),
    Case::error(
        r#"{{"a" "b"}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <"a">: can't give argument to non-function "a""#,
    ),
    Case::error(
        "{{true 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <true>: can't give argument to non-function true"#,
    ),
    Case::error(
        "{{. 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <.>: can't give argument to non-function ."#,
    ),
    Case::error("{{1 | .}}", "template: a.yaml:1: non executable command in pipeline stage 2"),
    Case::error(
        "{{1 | $}}",
        r#"template: a.yaml:1:6: executing "a.yaml" at <$>: can't give argument to non-function $"#,
    ),
    Case::error(
        "{{(1) 2}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <(1) 2>: can't give argument to non-function 1"#,
    ),
    Case::error(
        "{{(.s) 2}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <(.s) 2>: can't give argument to non-function .s"#,
    ),
    Case::error(
        r#"{{1 | (upper "a")}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <1>: can't give argument to non-function upper "a""#,
    ),
    Case::error(
        "{{nil}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <nil>: nil is not a command"#,
    ),
    Case::error(
        "{{nil 1}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <nil>: can't give argument to non-function nil"#,
    ),
    Case::output(
        "{{9223372036854775807}} {{-9223372036854775808}}",
        "9223372036854775807 -9223372036854775808",
    ),
    Case::error(
        "{{9223372036854775808}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <9223372036854775808>: 9223372036854775808 overflows int"#,
    ),
    Case::error(
        "{{18446744073709551615}}",
        r#"template: a.yaml:1:2: executing "a.yaml" at <18446744073709551615>: 18446744073709551615 overflows int"#,
    ),
    Case::error(
        "{{addInt 9223372036854775808 1}}",
        r#"template: a.yaml:1:9: executing "a.yaml" at <9223372036854775808>: expected integer; found 9223372036854775808"#,
    ),
    Case::output("{{sameFloat 9223372036854775808}}", "9.223372036854776e+18"),
    Case::output("{{print (print (print 1 2) 3) 4}}", "1 234"),
    Case::output("{{(print 1 2) | print (print 3) | print}}", "31 2"),
    Case::output("a", "a"),
    Case::output("b{{.s}}", "btext"),
    Case::partial(
        " c {{.s.x}}",
        " c ",
        r#"template: a.yaml:1:7: executing "a.yaml" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::partial(
        "é{{.s.x}}",
        "é",
        r#"template: a.yaml:1:6: executing "a.yaml" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::partial(
        "{{.s}} {{- .s.x}}",
        "text",
        r#"template: a.yaml:1:13: executing "a.yaml" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::error(
        "{{    .s.x   }}",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::error("{{if .s}}", "template: a.yaml:1: unexpected EOF"),
    Case::error("  {{if .i}}", "template: a.yaml:1: unexpected EOF"),
    Case::partial(
        "    {{.m.a.b.c}}",
        "    ",
        r#"template: a.yaml:1:8: executing "a.yaml" at <.m.a.b.c>: can't evaluate field b in type interface {}"#,
    ),
    Case::error("  {{end}}", "template: a.yaml:1: unexpected {{end}}"),
    Case::error("{{end}}", "template: a.yaml:1: unexpected {{end}}"),
    Case::error(
        r#"{{upper (printf "%s" (upper .i))}}"#,
        r#"template: a.yaml:1:28: executing "a.yaml" at <.i>: wrong type for value; expected string; got int"#,
    ),
    Case::error(
        "{{upper (.m.z)}}",
        r#"template: a.yaml:1:11: executing "a.yaml" at <.m.z>: invalid value; expected string"#,
    ),
    Case::error(
        r#"{{printf "%s" .m.z.y}}"#,
        r#"template: a.yaml:1:16: executing "a.yaml" at <.m.z.y>: nil pointer evaluating interface {}.y"#,
    ),
    Case::error(
        "{{.m.b.c.d.e}}",
        r#"template: a.yaml:1:4: executing "a.yaml" at <.m.b.c.d.e>: can't evaluate field d in type interface {}"#,
    ),
    Case::error(
        "{{ $x := .i.y }}",
        r#"template: a.yaml:1:11: executing "a.yaml" at <.i.y>: can't evaluate field y in type interface {}"#,
    ),
    Case::error(
        "{{with $y := .s.x}}{{end}}",
        r#"template: a.yaml:1:15: executing "a.yaml" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::error(
        "{{index .m.a.b 1}}",
        r#"template: a.yaml:1:10: executing "a.yaml" at <.m.a.b>: can't evaluate field b in type interface {}"#,
    ),
    Case::error(
        r#"{{"a" | printf "%s%s" .s.x}}"#,
        r#"template: a.yaml:1:24: executing "a.yaml" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::partial(
        "{{define \"t\"}}line\n  {{fail \"inside\"}}{{end}}a\nb {{template \"t\" .}}",
        "a\nb line\n  ",
        r#"template: a.yaml:2:4: executing "t" at <fail "inside">: error calling fail: inside"#,
    ),
    Case::partial(
        "{{define \"t\"}}line\n  {{fail \"inside\"}}{{end}}a\nb {{include \"t\" . | upper}}",
        "a\nb ",
        r#"template: a.yaml:3:4: executing "a.yaml" at <include "t" .>: error calling include: template: a.yaml:2:4: executing "t" at <fail "inside">: error calling fail: inside"#,
    ),
    Case::partial(
        "a\nb{{.s}}\n c {{.s.x}}",
        "a\nbtext\n c ",
        r#"template: a.yaml:3:7: executing "a.yaml" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::partial(
        "{{if .s}}\n  {{if .i}}\n    {{.m.a.b.c}}\n  {{end}}\n{{end}}",
        "\n  \n    ",
        r#"template: a.yaml:3:8: executing "a.yaml" at <.m.a.b.c>: can't evaluate field b in type interface {}"#,
    ),
    Case::partial(
        "a\n{{- .s.x}}",
        "a",
        r#"template: a.yaml:2:6: executing "a.yaml" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::partial(
        "{{/* x\ny */}}\n{{.s.x}}",
        "\n",
        r#"template: a.yaml:3:4: executing "a.yaml" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::partial(
        "\ttab {{.s.x}}",
        "\ttab ",
        r#"template: a.yaml:1:9: executing "a.yaml" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::error(
        "{{printf \"%s\"\n  .s.x}}",
        r#"template: a.yaml:2:4: executing "a.yaml" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::error(
        "{{`a\nb` | upper | print .s.x}}",
        r#"template: a.yaml:2:21: executing "a.yaml" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::error(
        "{{define \"a\"}}{{include \"b\" .}}{{end}}{{define \"b\"}}\n{{include \"c\" .}}{{end}}{{define \"c\"}}\n\n {{required}}{{end}}{{include \"a\" .}}",
        r#"template: a.yaml:4: function "required" not defined"#,
    ),
    Case::partial(
        "{{define \"a\"}}{{include \"b\" .}}{{end}}{{define \"b\"}}\n{{include \"c\" .}}{{end}}{{define \"c\"}}\n\n {{.s.t.u}}{{end}}x {{include \"a\" .}}",
        "x ",
        r#"template: a.yaml:4:22: executing "a.yaml" at <include "a" .>: error calling include: template: a.yaml:1:16: executing "a" at <include "b" .>: error calling include: template: a.yaml:2:2: executing "b" at <include "c" .>: error calling include: template: a.yaml:4:5: executing "c" at <.s.t.u>: can't evaluate field t in type interface {}"#,
    ),
    Case::partial(
        "{{range $i, $e := .list}}\n{{if eq $i 2}}{{$e.x.y}}{{end}}\n{{end}}",
        "\n\n\n\n\n",
        r#"template: a.yaml:2:18: executing "a.yaml" at <$e.x.y>: nil pointer evaluating interface {}.x"#,
    ),
    Case::error(
        r#"{{tpl "line\n{{ .s.x }}" .}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <tpl "line\n{{ .s.x }}" .>: error calling tpl: error during tpl function execution for "line\n{{ .s.x }}": template: gotpl:2:5: executing "gotpl" at <.s.x>: can't evaluate field x in type interface {}"#,
    ),
    Case::error(
        r#"{{tpl "line\n{{ nofunc }}" .}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <tpl "line\n{{ nofunc }}" .>: error calling tpl: cannot parse template "line\n{{ nofunc }}": template: gotpl:2: function "nofunc" not defined"#,
    ),
    Case::output(r#"{{tpl (tpl "{{.key}}" .) .}}"#, "a"),
    Case::error(
        r#"{{tpl "{{fail .s}}" .}}"#,
        r#"template: a.yaml:1:2: executing "a.yaml" at <tpl "{{fail .s}}" .>: error calling tpl: error during tpl function execution for "{{fail .s}}": template: gotpl:1:2: executing "gotpl" at <fail .s>: error calling fail: text"#,
    ),
];
